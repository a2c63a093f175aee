/**
 * Sending photos and signatures, one after the other, in parts, so that a cut costs one part. A loop of its own: entries never
 * wait for a picture, and a picture that the portal refuses holds back no other.
 */

import { Refused, Unreachable } from "./api.js";
import { countPictures, pictureIsRefused, pictureIsSent, pictureOf, waitingPictures } from "./attachments.js";
import { ask } from "./contact.js";
import { patch } from "./state.js";
import { readMeta } from "./store.js";

const PART_BYTES = 128 * 1024;
const PATIENCE_MS = 60_000; // for one part, over a network that is hardly one
const MORE_TO_COME = 202;
const WHOLE = 204;
const TAKES_NO_PARTS = new Set([404, 405]);

const refused = new Set(); // since the app started: asked again with the next start

/** Sends the next picture whole. @returns {Promise<number | null>} */
export async function sendPictureOnce() {
  const { revoked } = await readMeta("revoked");
  const waiting = await waitingPictures();
  patch({ pictures: waiting.length });
  const next = waiting.find((name) => !refused.has(name));
  if (revoked || !next) return null;
  try {
    await sendWhole(await pictureOf(next));
    await pictureIsSent(next);
  } catch (error) {
    const problem = problemOf(error);
    if (!problem) throw error;
    refused.add(next);
    await pictureIsRefused(next, problem);
  }
  patch({ pictures: await countPictures() });
  return 0;
}

/** What to tell about a refusal that another try would not change; null for any other failure. */
function problemOf(error) {
  if (!(error instanceof Refused)) return null;
  if (error.status === 413) return "too-large";
  return error.status === 422 || error.code === "not-its-hash" ? "not-taken" : null;
}

async function sendWhole({ sha256, type, bytes }) {
  const path = `attachments/${sha256}`;
  const total = bytes.byteLength;
  const begun = total > PART_BYTES ? await alreadyThere(path) : null;
  if (begun === null) return put(path, type, bytes);
  for (let start = begun; start < total; start += PART_BYTES) {
    const end = Math.min(start + PART_BYTES, total);
    await put(path, type, bytes.slice(start, end), { "Content-Range": `bytes ${start}-${end - 1}/${total}` });
  }
  return null;
}

/** Sends bytes, the whole or a part; the last of a whole is answered by 204. */
async function put(path, type, bytes, range = null) {
  const headers = { "Content-Type": type, ...range };
  const { status } = await ask(path, { method: "PUT", bytes, headers, patience: PATIENCE_MS });
  if (status !== WHOLE && !(range && status === MORE_TO_COME)) throw new Unreachable("not an answer of this protocol");
}

/** How many bytes of it the portal has; null where it takes no parts. */
async function alreadyThere(path) {
  try {
    const { headers } = await ask(path, { method: "HEAD" });
    const held = headers.get("Upload-Offset");
    return held === null ? null : Number(held);
  } catch (error) {
    if (error instanceof Refused && TAKES_NO_PARTS.has(error.status)) return null;
    throw error;
  }
}
