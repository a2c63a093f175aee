/** The service worker: starting without a network, and a new version only when nobody is on shift and everything is sent. */

import { currentScreen } from "./screens.js";
import { openShifts } from "./shifts.js";
import { state } from "./state.js";
import { pauseSync, startSync } from "./sync.js";

const WORKER = new URL("../sw.js", import.meta.url);
const SCOPE = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const IDLE_MS = 60_000;
const CHECK_EVERY_MS = 30 * 60_000;
const REST_MS = 45_000; // a browser lets a worker that nobody asks anything go after about 30 s
const QUIET_SCREENS = new Set(["operator", "enrol", "revoked"]);

// In ticks: setting the clock makes nobody idle.
let touched = performance.now();
let checked = performance.now();
let changed = false;
let rest = null; // the timer of the time in which nothing is asked

/** Registers the worker; a browser that refuses leaves the app working as long as there is a network. */
export async function keepForOffline() {
  if (!("serviceWorker" in navigator)) return;
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, somebodyIsHere, { capture: true, passive: true });
  await register();
  setInterval(renew, IDLE_MS / 4);
}

/** Of a first time that met a bad network nothing is left: so it is asked again each time, until the whole app is here. */
async function register() {
  const found = await navigator.serviceWorker.getRegistration(SCOPE);
  return found ?? navigator.serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: "none" }).catch(() => null);
}

/** @returns {Promise<boolean>} whether this page would start without a network */
export async function startsOffline() {
  const registration = await navigator.serviceWorker?.getRegistration(SCOPE);
  return Boolean(registration?.active);
}

function somebodyIsHere() {
  touched = performance.now();
  goOn();
}

async function renew() {
  const registration = await register();
  if (!registration) return;
  if (performance.now() - checked > CHECK_EVERY_MS && state.online) {
    checked = performance.now();
    await registration.update().catch(() => {});
  }
  if (rest || !(await mayReload())) return;
  if (changed) location.reload();
  else if (registration.waiting) await takeOver(registration.waiting);
}

/** Nobody is on shift here or about to be, everything is sent, and nobody has touched the tablet for a while. */
async function mayReload() {
  const idle = performance.now() - touched > IDLE_MS && QUIET_SCREENS.has(currentScreen());
  return idle && state.pending === 0 && (!state.device || !(await openShifts()).length);
}

/**
 * Lets the new version in. Who has begun to work before it is there goes on with this one, until the next quiet moment.
 * The old worker makes way only once it is at rest, and a request that meets it on its way out starts it again, for good:
 * so nothing is asked through it from before it is told until it must have gone.
 */
async function takeOver(waiting) {
  rest = setTimeout(goOn, REST_MS);
  await pauseSync();
  if (!rest) return;
  navigator.serviceWorker.addEventListener("controllerchange", async () => {
    changed = true;
    if (await mayReload()) location.reload();
  }, { once: true });
  waiting.postMessage("take-over");
}

/** Ends the rest: somebody is here, or the new version did not come. */
function goOn() {
  if (!rest) return;
  clearTimeout(rest);
  rest = null;
  if (state.device) startSync();
}
