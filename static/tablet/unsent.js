/** What would be lost, or left open, if this tablet were set up anew or emptied now. */

import { countPictures } from "./attachments.js";
import { openShifts } from "./shifts.js";
import { state } from "./state.js";
import { countOutbox, readMeta } from "./store.js";

/**
 * @typedef {{entries: number, pictures: number, shifts: string[], ends: number}} Unsent `shifts`: names of those on shift here;
 *   `ends`: shifts whose end the portal has not heard of
 */

/** @returns {Promise<Unsent>} */
export async function unsent() {
  const [entries, pictures, shifts, { ends = [] }] = await Promise.all([
    countOutbox(state.device.device), countPictures(), openShifts(), readMeta("ends"),
  ]);
  return { entries, pictures, shifts: shifts.map(({ operator }) => operator.name), ends: ends.length };
}

/** @param {Unsent} left @returns {boolean} */
export const isNothing = (left) => isAtPortal(left) && !left.shifts.length;

/** @param {Unsent} left @returns {boolean} whether the portal has heard of everything, though somebody may be on shift */
export const isAtPortal = ({ entries, pictures, ends }) => !entries && !pictures && !ends;
