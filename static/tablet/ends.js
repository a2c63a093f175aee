/** The ends of shifts that the portal has not heard of yet. */

import { Refused } from "./api.js";
import { ask } from "./contact.js";
import { editMeta, readMeta } from "./store.js";

/** Tells the portal which shifts have ended. One that it does not know is ended too. */
export async function sendEnds() {
  const { ends = [] } = await readMeta("ends");
  for (const shift of ends) {
    try {
      await ask(`shifts/${encodeURIComponent(shift)}/ends`, { body: {} });
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "unknown-shift") throw error;
    }
    await editMeta(["ends"], (kept) => ({ ends: (kept.ends ?? []).filter((one) => one !== shift) }));
  }
}
