/** The idle lock. A scan, a touch and a key are work; whoever is away for longer finds the tablet locked, restarted or not. */

import { closeCamera } from "./scan.js";
import { currentScreen, show } from "./screens.js";
import { abandon, lock } from "./shifts.js";
import { state } from "./state.js";
import { writeMeta } from "./store.js";

export const LOCK_AFTER_MS = 5 * 60_000; // time to look for a book in the back; not time for a tablet that was left lying there
const LOOK_EVERY_MS = 5_000;
const NOTE_EVERY_MS = 15_000;
const WITH_SECRETS = new Set(["sign-in", "choose-pin"]);

let touched = { ticks: performance.now(), time: Date.now() };
let noted = 0;

/** Somebody is here. The time of it is kept now and then, for a start after a kill. */
export function touch() {
  touched = { ticks: performance.now(), time: Date.now() };
  if (Math.abs(touched.time - noted) < NOTE_EVERY_MS) return;
  noted = touched.time;
  writeMeta({ active: noted }).catch(() => {}); // a full disk: then it locks a little early
}

export function watchIdle() {
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, touch, { capture: true, passive: true });
  document.addEventListener("visibilitychange", lockIfIdle);
  setInterval(lockIfIdle, LOOK_EVERY_MS);
}

/** @param {number | undefined} active epoch ms, as kept @returns {boolean} whether it was so long ago that a start begins locked */
export const wasIdle = (active) => !(Math.abs(Date.now() - active) <= LOCK_AFTER_MS);

/** Locks now. Codes and numbers that come from here on are not looked up. */
export async function lockNow() {
  if (!state.operator) return;
  closeCamera();
  try {
    await lock(); // a tablet that says "locked" is locked after a kill too
  } finally {
    show("scan"); // before which comes the PIN; or, where the shift has ended meanwhile, who works here
  }
}

async function lockIfIdle() {
  // The ticks stand still while some devices sleep, the clock may be set: the longer of both counts.
  if (Math.max(performance.now() - touched.ticks, Date.now() - touched.time) <= LOCK_AFTER_MS) return;
  const secret = WITH_SECRETS.has(currentScreen());
  if (secret) await abandon();
  if (state.operator && !state.locked) await lockNow();
  else if (secret) show("scan");
}
