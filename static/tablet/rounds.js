/** Going from room to room: who lives where, and how they stand. */

import { undoneIds } from "./acts.js";
import { named } from "./i18n.js";
import { lookAtEverybody, lookAtThese } from "./lookup.js";
import { inOrder, place } from "./rules/rooms.js";
import { entriesOf, readMeta } from "./store.js";

const SETTLED = new Set(["cleared", "collected", "waived"]);
const DECIDED = new Set(["clear", "hold", "note"]);

/**
 * @typedef {{building?: string, floor?: string, room?: string, damage?: true}} Place
 * @typedef {{place: Place, total: number, done: number, held: number, refs: string[]}} Room
 * @typedef {import("./rules/round.js").Resident & {look: object, line: object, last: import("./store.js").Kept | null}} Resident
 *   `last`: the newest entry of this tablet that counts
 */

/** The step that is signed off room by room here; null where there is none. @returns {Promise<object | null>} */
export async function roundsStep() {
  const { snapshot } = await readMeta("snapshot");
  return snapshot?.steps.find((step) => step.own && step.rounds) ?? null;
}

/** Every room in which somebody has to be cleared, in the order of a walk. @returns {Promise<Room[]>} */
export async function allRooms() {
  const { code } = await roundsStep();
  const rooms = new Map();
  for (const { student } of await lookAtEverybody()) {
    const cell = student.steps[code];
    if (!cell || cell.state === "not-applicable") continue;
    const where = place(student.room ?? "");
    const key = keyOf(where);
    if (!rooms.has(key)) rooms.set(key, { place: where, total: 0, done: 0, held: 0, refs: [] });
    const room = rooms.get(key);
    room.total += 1;
    room.refs.push(student.ref);
    if (cell.state === "held" || cell.conflict) room.held += 1;
    else if (SETTLED.has(cell.state)) room.done += 1;
  }
  return [...rooms.values()].sort((a, b) => order(a.place, b.place));
}

/** @param {Place} where @returns {Promise<Resident[]>} whoever lives there, those whom the step does not concern included */
export async function residentsOf(where) {
  const { code } = await roundsStep();
  const here = (look) => keyOf(place(look.student.room ?? "")) === keyOf(where);
  const concerned = ({ student }) => where.building || where.room || student.steps[code]?.state !== "not-applicable";
  return residents((await lookAtEverybody()).filter((look) => here(look) && concerned(look)), code);
}

/** The same people as they stand now; whoever has moved or left is not among them. @param {Resident[]} known @param {Place} where */
export async function again(known, where) {
  const { code } = await roundsStep();
  const looks = await lookAtThese(known.map(({ ref }) => ref));
  return residents(looks.filter(({ student }) => keyOf(place(student.room ?? "")) === keyOf(where)), code);
}

async function residents(looks, code) {
  const found = await Promise.all(looks.map(async (look) => {
    const line = look.lines.find(({ step }) => step.code === code);
    const { ref, number } = look.student;
    const last = await lastOf(ref, code);
    const owed = last?.payload.act === "hold" && line.cell?.heads.join() === last.hash ? last.payload.round?.damages ?? null : null;
    const noted = last?.payload.act === "note" ? last.payload.round?.inspection ?? null : null;
    return { ref, number, code: line.verdict.code, owed, noted, look, line, last };
  }));
  return found.sort((a, b) => inOrder(a.number, b.number));
}

async function lastOf(ref, code) {
  const [entries, undone] = await Promise.all([entriesOf(ref), undoneIds(ref)]);
  return entries.findLast(({ id, step, payload }) => step === code && DECIDED.has(payload.act) && !undone.has(id)) ?? null;
}

/** @param {{code: string, words: string}} damage @param {{prices: object[]}} rounds @returns {string} */
export function damageName({ code, words }, { prices }) {
  const listed = prices.find((price) => price.code === code);
  return [listed ? named(listed) : code, words].filter(Boolean).join(" ");
}

/** @param {Place} where @returns {string} one for each room */
export const keyOf = ({ building = "", floor = "", room = "" }) => [building, floor, room].join("\n");

/** What is not on record comes last. */
function order(a, b) {
  return Number(!a.building && !a.room) - Number(!b.building && !b.room) || inOrder(a.building, b.building) || inOrder(a.floor, b.floor) || inOrder(a.room, b.room);
}
