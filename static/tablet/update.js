/** The service worker: starting without a network, and a new version only when it disturbs nobody. */

import { currentScreen } from "./screens.js";
import { state } from "./state.js";
import { pauseSync, startSync } from "./sync.js";

const WORKER = new URL("../sw.js", import.meta.url);
const SCOPE = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const IDLE_MS = 60_000;
const CHECK_EVERY_MS = 30 * 60_000;
const QUIET_SCREENS = new Set(["scan", "operator", "unlock", "enrol"]);

let touched = Date.now();
let checked = Date.now();

/** Registers the worker; a browser that refuses leaves the app working as long as there is a network. */
export async function keepForOffline() {
  if (!("serviceWorker" in navigator)) return;
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (touched = Date.now()), { capture: true, passive: true });
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: "none" }).catch(() => null);
  if (registration) setInterval(() => renew(registration), IDLE_MS / 4);
}

/** @returns {Promise<boolean>} whether this page would start without a network */
export async function startsOffline() {
  const registration = await navigator.serviceWorker?.getRegistration(SCOPE);
  return Boolean(registration?.active);
}

async function renew(registration) {
  if (Date.now() - checked > CHECK_EVERY_MS && state.online) {
    checked = Date.now();
    await registration.update().catch(() => {});
  }
  const idle = Date.now() - touched > IDLE_MS && QUIET_SCREENS.has(currentScreen());
  if (!registration.waiting || !idle || state.pending > 0) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  // The old worker makes way only once it is at rest, so nothing is asked through it for a moment.
  pauseSync();
  registration.waiting.postMessage("take-over");
  if (state.device) setTimeout(startSync, IDLE_MS / 6);
}
