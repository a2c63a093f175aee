/** Asking the portal whether it holds everything that was ever recorded here. */

import { Refused, Unreachable } from "./api.js";
import { ask } from "./contact.js";
import { ranges } from "./plan.js";
import { queueAgain } from "./rows.js";
import { now, state } from "./state.js";
import { readMeta } from "./store.js";
import { entriesWait } from "./sync.js";

/** What it misses is queued again. @returns {Promise<{word: string, values: object} | null>} for `end.<word>`; null without an answer */
export async function askClosing() {
  const { device } = state.device;
  const { head } = await readMeta("head");
  try {
    const { body } = await ask("closings", { body: { date: localDate(), seq: head.seq, hash: head.hash } });
    if (body.complete) return { word: head.seq ? "complete" : "complete.none", values: { n: head.seq } };
    const missing = ranges(body.missing, head.seq);
    if (!missing.length) return { word: "differs", values: {} };
    if (await queueAgain(device, missing)) await entriesWait();
    return { word: "missing", values: { n: missing.reduce((sum, [from, to]) => sum + to - from + 1, 0) } };
  } catch (error) {
    if (error instanceof Unreachable) return null;
    if (error instanceof Refused) return { word: "refused", values: { message: error.message || error.code } };
    throw error;
  }
}

/** The day where the tablet stands, by corrected time. */
function localDate() {
  const today = new Date(now());
  return [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
