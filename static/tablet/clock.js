/** What the server's clock says at this moment, as far as this tablet knows it. */

const TREMBLING_MS = 1_000; // below this the two clocks of a device only tremble

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
  const behind = performance.now() - measured.ticks - (Date.now() - measured.time);
  return measured.offset + (behind > TREMBLING_MS ? Math.round(behind) : 0);
}

/** This moment by the server's clock; epoch ms. */
export const now = () => Date.now() + offset();
