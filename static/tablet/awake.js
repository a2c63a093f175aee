/** Keeps the screen on while somebody works. Browsers let go of it whenever the page is hidden: then it is asked for again. */

let wanted = false;
let held = null;
let asking = false;

/** Whether this browser can; where it cannot, the page about this tablet says what to do instead. */
export const canStayAwake = () => "wakeLock" in navigator;

/** @param {boolean} awake */
export function stayAwake(awake) {
  wanted = awake;
  if (awake) ask();
  else letGo();
}

async function ask() {
  if (!wanted || held || asking || !canStayAwake() || document.visibilityState !== "visible") return;
  asking = true;
  held = await navigator.wakeLock.request("screen").catch(() => null); // refused with a low battery: it is asked for again later
  asking = false;
  held?.addEventListener("release", () => (held = null), { once: true });
  if (!wanted) letGo();
}

function letGo() {
  held?.release().catch(() => {});
  held = null;
}

document.addEventListener("visibilitychange", ask);
