/** One screen at a time. A screen is a function of its arguments that returns its element and what it needs done. */

import { stayAwake } from "./awake.js";
import { announce, remark, translate } from "./dom.js";
import { state, watch } from "./state.js";

/**
 * @typedef {{element: HTMLElement, leave?: () => void, changed?: (state: object, changes: object) => void,
 *   takesCodes?: boolean, say?: () => void}} Screen `changed` hears the state; `takesCodes`: a scanned code leads on from here;
 *   `say`: what is entered here must not be lost, so another language is put into this very element, and `say` fills in the words
 *   that its template does not name
 */

const WITH_PEOPLE = new Set([
  "scan", "verdict", "compare", "sign", "hold", "note", "done", "today", "approve", "not-recorded", "rounds", "room", "damage",
]);
const BARRED = new Set(["revoked", "unknown-device", "wiped"]);
const OPEN_TO_THE_BARRED = new Set(["revoked", "about", "reset", "enrol", "unsupported", "storage", "other-tab", "fault"]);
const known = {};
const main = document.getElementById("screen");
let home = null;
let current = { name: "start", args: undefined, screen: /** @type {Screen} */ ({ element: main }), touched: false };
let waiting = null; // a form about somebody, behind a screen about nobody: whoever filled it in comes back to it

/** @param {Record<string, (args: any) => Screen>} screens */
export function introduce(screens) {
  Object.assign(known, screens);
  watch((state, changes) => {
    if (waiting?.operator !== state.operator?.id) forgetForm();
    current.screen.changed?.(state, changes);
  });
  main.addEventListener("input", () => (current.touched = true));
  addEventListener("beforeunload", (event) => (isHalfDone() || waiting?.touched) && event.preventDefault());
}

/** Says where all ways lead that else lead to the scan screen: to a room that is being gone through. @param {(() => void) | null} way */
export const setHome = (way) => (home = way);

/** @returns {boolean} whether somebody goes from room to room */
export const isOnTheWay = () => home !== null;

/** @returns {boolean} whether the portal has refused this tablet: nobody works on it until it is set up anew */
export const isBarred = () => BARRED.has(state.refused);

/**
 * Shows a screen in place of the present one. Those with people on them are shown only to somebody on shift, unlocked, with
 * data, and a refused tablet shows only that it is: otherwise what has to come first is shown. @param {string} name @param {any} [args]
 */
export function show(name, args) {
  const first = isBarred() && !OPEN_TO_THE_BARRED.has(name) ? "revoked" : WITH_PEOPLE.has(name) ? comesFirst() : null;
  if (first) return show(first);
  if (name === "scan" && waiting) return comeBack();
  if (name === "scan" && home) return home();
  leave(name);
  put({ name, args, screen: known[name](args), touched: false });
}

function comesFirst() {
  if (!state.operator) return "operator";
  if (state.locked) return "unlock";
  return state.hasData ? null : "loading";
}

/** From the present screen to another: a form waits as long as nothing else about anybody comes up. */
function leave(next) {
  const stays = current.screen.say && state.operator && WITH_PEOPLE.has(current.name) && !WITH_PEOPLE.has(next);
  if (stays) waiting = { ...current, operator: state.operator.id };
  else current.screen.leave?.();
  if (WITH_PEOPLE.has(next)) forgetForm();
}

/** Nobody comes back to the form that waits. */
export function forgetForm() {
  waiting?.screen.leave?.();
  waiting = null;
}

function comeBack() {
  const back = waiting;
  waiting = null;
  current.screen.leave?.();
  put(back);
  inPresentLanguage(back.screen);
}

function put(next) {
  current = next;
  const { name, screen } = next;
  stayAwake(WITH_PEOPLE.has(name));
  if (!WITH_PEOPLE.has(name)) announce(""); // who was spoken of last is not to be found on a screen about nobody
  document.body.dataset.screen = name;
  remark("");
  main.replaceChildren(screen.element);
  main.scrollTop = 0;
  scrollTo(0, 0);
  // The heading, not a button: a scanner's Enter must never press anything.
  screen.element.querySelector("h1")?.focus({ preventScroll: true });
}

/** The present screen in another language; what has been entered stays. */
export function showAgain() {
  remark("");
  if (current.screen.say) inPresentLanguage(current.screen);
  else show(current.name, current.args);
}

function inPresentLanguage({ element, say }) {
  translate(element);
  say();
}

export const currentScreen = () => current.name;

export const takesCodes = () => current.screen.takesCodes === true;

/** Whether something has been entered here about somebody that would be lost. */
export const isHalfDone = () => Boolean(current.touched && current.screen.say && WITH_PEOPLE.has(current.name));

/** Whether a form waits behind what is shown. */
export const hasFormWaiting = () => waiting !== null;

/** As the screen's own way back. @returns {boolean} whether it has one */
export function pressBack() {
  const ways = main.querySelectorAll('[data-action="back"], [data-action="cancel"], [data-action="next"]');
  const way = [...ways].find((button) => button.checkVisibility());
  way?.click();
  return Boolean(way);
}
