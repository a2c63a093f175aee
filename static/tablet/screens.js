/** One screen at a time. A screen is a function of its arguments that returns its element and what it needs done. */

import { stayAwake } from "./awake.js";
import { state, watch } from "./state.js";

/**
 * @typedef {{element: HTMLElement, leave?: () => void, changed?: (state: object, changes: object) => void,
 *   takesCodes?: boolean}} Screen `changed` hears the state; `takesCodes`: a scanned code leads on from here
 */

const WITH_PEOPLE = new Set([
  "scan", "verdict", "compare", "sign", "hold", "note", "done", "today", "approve", "not-recorded", "rounds", "room", "damage",
]);
const BARRED = new Set(["revoked", "unknown-device", "wiped"]);
const OPEN_TO_THE_BARRED = new Set(["revoked", "about", "reset", "enrol", "unsupported", "storage", "other-tab", "fault"]);
const known = {};
const main = document.getElementById("screen");
let home = null;
let current = { name: "start", args: undefined, screen: /** @type {Screen} */ ({ element: main }) };

/** @param {Record<string, (args: any) => Screen>} screens */
export function introduce(screens) {
  Object.assign(known, screens);
  watch((state, changes) => current.screen.changed?.(state, changes));
}

/** Says where all ways lead that else lead to the scan screen: to a room that is being gone through. @param {(() => void) | null} way */
export const setHome = (way) => (home = way);

/** @returns {boolean} whether the portal has refused this tablet: nobody works on it until it is set up anew */
export const isBarred = () => BARRED.has(state.refused);

/**
 * Shows a screen in place of the present one. Those with people on them are shown only to somebody on shift, unlocked, with
 * data, and a refused tablet shows only that it is: otherwise what has to come first is shown. @param {string} name @param {any} [args]
 */
export function show(name, args) {
  const first = isBarred() && !OPEN_TO_THE_BARRED.has(name) ? "revoked" : WITH_PEOPLE.has(name) ? comesFirst() : null;
  if (first) return show(first);
  if (name === "scan" && home) return home();
  current.screen.leave?.();
  const screen = known[name](args);
  current = { name, args, screen };
  stayAwake(WITH_PEOPLE.has(name));
  document.body.dataset.screen = name;
  main.replaceChildren(screen.element);
  main.scrollTop = 0;
  scrollTo(0, 0);
  // The heading, not a button: a scanner's Enter must never press anything.
  screen.element.querySelector("h1")?.focus({ preventScroll: true });
}

function comesFirst() {
  if (!state.operator) return "operator";
  if (state.locked) return "unlock";
  return state.hasData ? null : "loading";
}

/** The present screen once more, in another language. */
export const showAgain = () => show(current.name, current.args);

export const currentScreen = () => current.name;

export const takesCodes = () => current.screen.takesCodes === true;
