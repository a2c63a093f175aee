/** The service worker: starting without a network, and a new version only when nobody is on shift and everything is sent. */

import { currentScreen } from "./screens.js";
import { openShifts } from "./shifts.js";
import { state } from "./state.js";
import { pauseSync, startSync } from "./sync.js";

const WORKER = new URL("../sw.js", import.meta.url);
const SCOPE = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const IDLE_MS = 60_000;
const CHECK_EVERY_MS = 30 * 60_000;
const QUIET_SCREENS = new Set(["operator", "enrol", "revoked"]);

// In ticks: setting the clock makes nobody idle.
let touched = performance.now();
let checked = performance.now();
let changed = false;

/** Registers the worker; a browser that refuses leaves the app working as long as there is a network. */
export async function keepForOffline() {
  if (!("serviceWorker" in navigator)) return;
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (touched = performance.now()), { capture: true, passive: true });
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: "none" }).catch(() => null);
  if (registration) setInterval(() => renew(registration), IDLE_MS / 4);
}

/** @returns {Promise<boolean>} whether this page would start without a network */
export async function startsOffline() {
  const registration = await navigator.serviceWorker?.getRegistration(SCOPE);
  return Boolean(registration?.active);
}

async function renew(registration) {
  if (performance.now() - checked > CHECK_EVERY_MS && state.online) {
    checked = performance.now();
    await registration.update().catch(() => {});
  }
  if (!(await mayReload())) return;
  if (changed) location.reload();
  else if (registration.waiting) takeOver(registration.waiting);
}

/** Nobody is on shift here or about to be, everything is sent, and nobody has touched the tablet for a while. */
async function mayReload() {
  const idle = performance.now() - touched > IDLE_MS && QUIET_SCREENS.has(currentScreen());
  return idle && state.pending === 0 && (!state.device || !(await openShifts()).length);
}

/** Lets the new version in. Who has begun to work before it is there goes on with this one, until the next quiet moment. */
function takeOver(waiting) {
  navigator.serviceWorker.addEventListener("controllerchange", async () => {
    changed = true;
    if (await mayReload()) location.reload();
  }, { once: true });
  // The old worker makes way only once it is at rest, so nothing is asked through it for a moment.
  pauseSync();
  waiting.postMessage("take-over");
  if (state.device) setTimeout(startSync, IDLE_MS / 6);
}
