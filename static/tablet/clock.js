/** What the server's clock says at this moment, as far as this tablet knows it. */

const TREMBLING_MS = 1_000; // below this the two clocks of a device only tremble
const A_DAY_MS = 24 * 3_600_000;

let measured = { offset: 0, time: Date.now(), ticks: performance.now() };

/** A contact has told the offset: server minus device clock. @param {number} offset ms */
export function measure(offset) {
  measured = { offset, time: Date.now(), ticks: performance.now() };
}

/**
 * Server minus device clock, ms. Ticks may stand still while a device sleeps, but they never run fast: a clock that fell
 * behind them since the last contact was set back, and the offset makes up for it.
 */
export function offset() {
  if (wasSetRight(measured.offset, measured.time + measured.offset)) return 0;
  const behind = performance.now() - measured.ticks - (Date.now() - measured.time);
  return measured.offset + (behind > TREMBLING_MS ? Math.round(behind) : 0);
}

/**
 * What to go by at a start, before there is a contact. A clock that stands before the last contact was set back, or stopped, while the
 * tablet was off. @param {{offset?: number, contact?: number | null}} kept ms, and epoch ms by the server's clock @returns {number} ms
 */
export function offsetAtStart({ offset: kept, contact }) {
  const last = contact ?? 0;
  return wasSetRight(kept ?? 0, last) ? 0 : Math.max(kept ?? 0, last - Date.now());
}

/** A clock that was days behind the server's and has passed the last contact was set right since: to add the days once more would end every shift. */
const wasSetRight = (kept, contact) => kept > A_DAY_MS && Date.now() >= contact;

/** This moment by the server's clock; epoch ms. */
export const now = () => Date.now() + offset();
