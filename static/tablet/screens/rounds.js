/** The house on the way to a room: buildings, floors, rooms, each with how far it has come. */

import { clone, fill, on, part, slot } from "../dom.js";
import { t } from "../i18n.js";
import { allRooms } from "../rounds.js";
import { back, go } from "../walk.js";

const CHOOSE = { building: "rounds.building", floor: "rounds.choose-floor", room: "rounds.room" };
const ICONS = { done: "done", held: "stop", begun: "wait", todo: "place" };

/** @param {import("../rounds.js").Place} place */
export function rounds(place) {
  const element = clone("t-rounds");
  let next = null;
  on(element, "back", back);
  on(element, "next-room", () => next && go(next.place));
  const load = async () => {
    const inside = (await allRooms()).filter((room) => within(room.place, place));
    const level = levelOf(place, inside);
    const tiles = level === "room" ? inside.map((room) => ({ ...room, rooms: [room], to: room.place })) : grouped(inside, level, place);
    element.dataset.level = level;
    fill(element, {
      title: titleOf(place), text: inside.length ? t(CHOOSE[level]) : null, empty: inside.length ? null : t("rounds.empty"),
      sum: inside.length ? progressOf(inside) : null,
    });
    slot(element, "tiles").replaceChildren(...tiles.map((tile) => tileElement(tile, level)));
    next = inside.find(hasLeft) ?? null;
    part(element, "next").hidden = !next;
    if (next) fill(element, { next: t("rounds.next", { room: roomName(next.place) }) });
    element.dataset.ready = "yes";
  };
  load();
  return { element, takesCodes: true };
}

/** @param {import("../rounds.js").Place} place @returns {string} */
export function titleOf({ building, floor, room }) {
  if (building === undefined) return t("rounds.title");
  return [building || t("rounds.no-building"), floor && t("rounds.floor", { floor }), room].filter(Boolean).join(" · ");
}

export const roomName = ({ building, room }) => room || building || t("rounds.no-room");

/** @param {import("../rounds.js").Room} room */
export const hasLeft = ({ total, done, held }) => done + held < total;

const within = (room, { building, floor }) => {
  return (building === undefined || room.building === building) && (floor === undefined || room.floor === floor);
};

/** What to choose next; a house of one floor has no floors. */
function levelOf({ building, floor }, rooms) {
  if (building === undefined) return "building";
  return floor === undefined && new Set(rooms.map((room) => room.place.floor)).size > 1 ? "floor" : "room";
}

function grouped(rooms, level, place) {
  return [...groupBy(rooms, (room) => room.place[level])].map(([name, inside]) => {
    const [only] = inside;
    // People of whom no room is known are not asked for a floor first.
    const nowhere = level === "building" && inside.length === 1 && !only.place.room;
    return { name, rooms: inside, to: nowhere ? only.place : { ...place, [level]: name } };
  });
}

function groupBy(rooms, key) {
  const groups = new Map();
  for (const room of rooms) groups.set(key(room), [...(groups.get(key(room)) ?? []), room]);
  return groups;
}

function tileElement({ rooms, to }, level) {
  const tile = clone("t-tile");
  const [total, done, held] = ["total", "done", "held"].map((name) => sum(rooms, name));
  const state = done === total ? "done" : held && done + held === total ? "held" : done + held ? "begun" : "todo";
  const button = tile.querySelector("button");
  Object.assign(button.dataset, { state, place: [to.building, to.floor, to.room].filter((one) => one !== undefined).join("/") });
  fill(tile, { icon: ICONS[state], name: nameOf(to, level), progress: progressOf(rooms) });
  const bar = tile.querySelector("progress");
  Object.assign(bar, { max: total, value: done + held });
  bar.setAttribute("aria-hidden", "true");
  button.addEventListener("click", () => go(to));
  return tile;
}

function nameOf(to, level) {
  if (level === "building") return to.building || t("rounds.no-room");
  if (level === "floor") return to.floor ? t("rounds.floor", { floor: to.floor }) : t("rounds.no-floor");
  return to.room || t("rounds.no-room");
}

const progressOf = (rooms) => progress(sum(rooms, "total"), sum(rooms, "done"), sum(rooms, "held"));

/** How far a place has come, in words. @param {number} total @param {number} done @param {number} held @returns {string} */
export function progress(total, done, held) {
  const said = t("rounds.progress", { done, total });
  return held ? `${said}\u00a0· ${t("rounds.held", { n: held })}` : said;
}

const sum = (rooms, name) => rooms.reduce((all, room) => all + room[name], 0);
