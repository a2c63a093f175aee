/**
 * The journal as a file, for the day when a tablet cannot send: every signed entry, and the photos and signatures that the portal
 * does not hold yet. No names.
 */

import { toBase64 } from "./encode.js";
import { state } from "./state.js";
import { eachOf } from "./store.js";

const MOST_PICTURE_SIGNS = 12 * 1024 * 1024; // in one file: the portal takes 16 MiB at once

/**
 * Saves a file for each device that this browser has been, and more for pictures that find no room in it; each is a journal file.
 * @returns {Promise<boolean>} false when there is nothing to save
 */
export async function saveJournal() {
  const journals = new Map();
  await eachOf("entries", ({ device, jws }) => void (journals.get(device)?.push(jws) ?? journals.set(device, [jws])));
  const parcels = [[]];
  let signs = 0;
  await eachOf("attachments", ({ sha256, type, bytes }) => {
    const data = toBase64(bytes);
    if (signs && signs + data.length > MOST_PICTURE_SIGNS) {
      parcels.push([]);
      signs = 0;
    }
    signs += data.length;
    parcels.at(-1).push({ sha256, type, data });
  });
  const mine = state.device?.device ?? [...journals.keys()][0];
  for (const [device, entries] of journals) save(device, entries, device === mine ? parcels.shift() : []);
  parcels.forEach((attachments, i) => attachments.length && save(mine, [], attachments, `-${i + 2}`));
  return journals.size > 0;
}

function save(device, entries, attachments, more = "") {
  const text = JSON.stringify({ format: "clearance-journal/1", device, entries, ...(attachments?.length && { attachments }) });
  const blob = new Blob([text], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  const rehearsal = document.body.classList.contains("rehearsing") ? "演练-REHEARSAL-" : "";
  link.download = `${rehearsal}journal-${device}-${new Date().toISOString().slice(0, 10)}${more}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
