/** Where the tablet is on its way through the house, with the browser's own way back. */

import { remark } from "./dom.js";
import { t } from "./i18n.js";
import { currentScreen, hasFormWaiting, isHalfDone, pressBack, setHome, show } from "./screens.js";
import { state, watch } from "./state.js";
import { editMeta, readMeta } from "./store.js";

const SCREENS = new Set(["rounds", "room", "damage"]);

/** One step before the app: whoever goes back to it stays, and is taken to have pressed the screen's own button. */
const GATE = { gate: true };

let here = null; // the state of the entry that the browser stands at

/** Goes one step further in. @param {import("./rounds.js").Place} place */
export function go(place) {
  push({ place });
  open(place);
}

/** The way the browser's own button goes. */
export const back = () => history.back();

/** As the browser's own button, from a form that is given up. */
export function giveUp() {
  given = true;
  history.back();
}

/** Looks at one person; the way back leads to the same place. @param {import("./rounds.js").Place} place @param {object} look */
export function aside(place, look) {
  push({ place });
  setHome(back);
  show("verdict", look);
}

/** From one room to the next: back leads to the floor from there too. @param {import("./rounds.js").Place} place */
export function instead(place) {
  here = { place };
  history.replaceState(here, "");
  open(place);
}

/** After a start: the tablet goes on where it was, if the same person works with it. */
export async function resume() {
  const { place } = await readMeta("place");
  addEventListener("popstate", ({ state: there }) => cameBack(there));
  watch((_, { operator }) => operator && operator.id !== walker && stop());
  history.replaceState(GATE, "");
  push(null);
  if (!place || place.operator !== state.operator?.id) return;
  walker = place.operator;
  for (const each of wayTo(place)) push({ place: each });
  setHome(() => show(screenOf(place), withoutOperator(place)));
}

let walker = null;
let given = false; // the form that is left was given up by its own button

/** What is half entered stays, and so does the browser: nothing is lost by a slip of the finger. */
function cameBack(there) {
  const stays = isHalfDone() && !given;
  given = false;
  if (stays || hasFormWaiting() || there?.gate) push(here);
  if (stays) return remark(t("unfinished"));
  if (hasFormWaiting() || there?.gate) return pressBack();
  here = there;
  return there?.place ? open(there.place) : leave();
}

function push(entry) {
  here = entry;
  history.pushState(entry, "");
}

function open(place) {
  walker = state.operator?.id ?? null;
  setHome(() => show(screenOf(place), place));
  editMeta([], () => ({ place: { ...place, operator: walker } })).catch(() => {}); // a full disk: it only forgets the way
  show(screenOf(place), place);
}

/** Out of the house again. */
function leave() {
  stop();
  if (SCREENS.has(currentScreen())) show("scan");
}

function stop() {
  walker = null;
  setHome(null);
  editMeta([], () => ({ place: undefined })).catch(() => {});
}

const screenOf = ({ room, damage }) => (damage ? "damage" : room === undefined ? "rounds" : "room");

const withoutOperator = ({ operator, ...place }) => place;

/** Every place on the way, the house first. */
function wayTo({ building, floor, room, damage }) {
  const way = [{}];
  if (building !== undefined) way.push({ building });
  if (floor !== undefined) way.push({ building, floor });
  if (room !== undefined) way.push({ building, floor, room });
  if (damage) way.push({ building, floor, room, damage });
  return way;
}
