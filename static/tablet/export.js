/** The journal as a file, for the day when a tablet cannot send. It holds signatures and references, no names. */

import { eachEntry } from "./store.js";

/** Saves one file for each device that this browser has been. @returns {Promise<boolean>} false when there is nothing to save */
export async function saveJournal() {
  const journals = new Map();
  await eachEntry(({ device, jws }) => void (journals.get(device)?.push(jws) ?? journals.set(device, [jws])));
  for (const [device, entries] of journals) {
    const text = JSON.stringify({ format: "clearance-journal/1", device, entries });
    save(`journal-${device}-${new Date().toISOString().slice(0, 10)}.json`, new Blob([text], { type: "application/json" }));
  }
  return journals.size > 0;
}

function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
