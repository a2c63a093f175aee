/** Where the tablet is on its way through the house, with the browser's own way back. */

import { currentScreen, setHome, show } from "./screens.js";
import { state, watch } from "./state.js";
import { editMeta, readMeta } from "./store.js";

const SCREENS = new Set(["rounds", "room", "damage"]);

/** Goes one step further in. @param {import("./rounds.js").Place} place */
export function go(place) {
  history.pushState({ place }, "");
  open(place);
}

/** The way the browser's own button goes. */
export const back = () => history.back();

/** Looks at one person; the way back leads to the same place. @param {import("./rounds.js").Place} place @param {object} look */
export function aside(place, look) {
  history.pushState({ place }, "");
  setHome(back);
  show("verdict", look);
}

/** From one room to the next: back leads to the floor from there too. @param {import("./rounds.js").Place} place */
export function instead(place) {
  history.replaceState({ place }, "");
  open(place);
}

/** After a start: the tablet goes on where it was, if the same person works with it. */
export async function resume() {
  const { place } = await readMeta("place");
  addEventListener("popstate", ({ state: there }) => (there?.place ? open(there.place) : leave()));
  watch((_, { operator }) => operator && operator.id !== walker && stop());
  if (!place || place.operator !== state.operator?.id) return;
  walker = place.operator;
  history.replaceState(null, "");
  for (const each of wayTo(place)) history.pushState({ place: each }, "");
  setHome(() => show(screenOf(place), withoutOperator(place)));
}

let walker = null;

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
