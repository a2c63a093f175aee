/**
 * Shifts on this tablet: begun online with a password, unlocked by PIN with or without a network, several at a time. Kept in
 * `meta`: `shifts` (open here), `shift` (whose turn it is), `locked`, `unfinished` (begun, without a PIN yet), `ends` (to be told
 * to the portal), `resting` (no shift: no names are fetched). Each change is one transaction, so a kill leaves no half of it.
 */

import { ask } from "./contact.js";
import { forgetLastAct } from "./last.js";
import { fitsVerifier, makeVerifier } from "./pin.js";
import { forgetPeople } from "./rows.js";
import { patch, state } from "./state.js";
import { editMeta, readMeta, STRICT } from "./store.js";
import { wakeAll } from "./sync.js";

export const MOST_WRONG = 5;
const FIRST_WAIT_MS = 2_000; // doubled by each further wrong PIN
const waits = new Map(); // by shift: since which try, and until when in ticks, so that setting the clock makes nobody wait longer or shorter

/**
 * @typedef {{id: string, operator: {id: string, name: string, role: string}, pin: import("./pin.js").Verifier,
 *   wrong: number, tried: number}} Shift `tried`: when the last wrong PIN was entered, by the device's clock
 */

/** Begins a shift at the portal; it is nobody's turn before a PIN is chosen. @throws {import("./api.js").Unreachable | import("./api.js").Refused} */
export async function signIn(operator, password) {
  await abandon();
  const { body } = await ask("shifts", { body: { operator, password } });
  const begun = { id: body.shift, operator: body.operator };
  await editMeta(["unfinished"], () => ({ unfinished: begun.id }), STRICT);
  return begun;
}

/** The begun shift gets its PIN and its turn. @param {{id: string, operator: object}} begun @param {string} pin @returns {Promise<boolean>} */
export async function choosePin(begun, pin) {
  const verifier = await makeVerifier(pin);
  let fits = false;
  await editMeta(["unfinished", "shifts", "ends"], ({ unfinished, shifts = [], ends = [] }) => {
    fits = unfinished === begun.id;
    if (!fits) return {};
    const older = shifts.filter(({ operator }) => operator.id === begun.operator.id);
    const others = shifts.filter((one) => !older.includes(one));
    return {
      unfinished: undefined, resting: undefined, shift: begun.id, locked: false, active: Date.now(),
      shifts: [...others, { ...begun, pin: verifier, wrong: 0, tried: 0 }], ends: [...ends, ...older.map(({ id }) => id)],
    };
  }, STRICT);
  if (fits) takeTurn(begun);
  return fits;
}

/** Gives up a shift that has no PIN yet; the portal is told that it has ended. */
export async function abandon() {
  await editMeta(["unfinished", "ends"], ({ unfinished, ends = [] }) => (
    unfinished ? { unfinished: undefined, ends: [...ends, unfinished] } : {}
  ), STRICT);
}

/** @returns {Promise<Shift[]>} open on this tablet */
export const openShifts = async () => (await readMeta("shifts")).shifts ?? [];

/** @param {Shift} shift */
export const isBlocked = ({ wrong }) => wrong >= MOST_WRONG;

/** Milliseconds until a PIN may be tried again. @param {Shift} shift */
export function waitLeft({ id, wrong, tried }) {
  if (waits.get(id)?.tried !== tried) {
    const wait = wrong ? FIRST_WAIT_MS * 2 ** (wrong - 1) : 0;
    waits.set(id, { tried, until: performance.now() + Math.min(wait, Math.max(0, tried + wait - Date.now())) });
  }
  return Math.max(0, waits.get(id).until - performance.now());
}

/** Tries a PIN. A wrong one counts even if the tablet is switched off while it is checked. @returns {Promise<Shift | null>} if it fits */
export async function tryPin(id, pin) {
  let tried = null;
  await editMeta(["shifts"], ({ shifts = [] }) => {
    tried = shifts.find((one) => one.id === id && !isBlocked(one) && waitLeft(one) === 0) ?? null;
    return tried ? { shifts: replaced(shifts, { ...tried, wrong: tried.wrong + 1, tried: Date.now() }) } : {};
  }, STRICT);
  if (!tried || !(await fitsVerifier(pin, tried.pin))) return null;
  let still = false;
  await editMeta(["shifts"], ({ shifts = [] }) => {
    still = shifts.some((one) => one.id === id);
    return still ? { active: Date.now(), shifts: replaced(shifts, { ...tried, wrong: 0, tried: 0 }) } : {};
  }, STRICT);
  return still ? tried : null;
}

/** Whoever entered the PIN of this shift works from now on. @param {Shift} shift @returns {Promise<boolean>} unless it has ended */
export async function unlock(shift) {
  let still = false;
  await editMeta(["shifts"], ({ shifts = [] }) => {
    still = shifts.some(({ id }) => id === shift.id);
    return still ? { shift: shift.id, locked: false, active: Date.now() } : {};
  }, STRICT);
  if (still) takeTurn(shift);
  return still;
}

/** Nothing personal is shown from now on, also after a restart. The caller shows the screen. */
export async function lock() {
  patch({ locked: true });
  await editMeta([], () => ({ locked: true }), STRICT);
}

/** Ends the shift whose turn it is; the portal is told as soon as it can be. With the last one, names and rows go. */
export async function endShift() {
  const { shift } = state.operator;
  let left = 0;
  await editMeta(["shifts", "ends", "words"], ({ shifts = [], ends = [], words }) => {
    const others = shifts.filter(({ id }) => id !== shift);
    left = others.length;
    return { shifts: others, shift: undefined, locked: false, ends: [...ends, shift], words: words?.shift === shift ? undefined : words };
  }, STRICT);
  forgetLastAct();
  if (!left) await forgetPeople();
  patch({ operator: null, locked: false, ...(!left && { hasData: false, fresh: null }) });
  wakeAll();
}

/** @param {{shifts?: Shift[], shift?: string}} kept @returns {object | null} whose turn it was, for the state */
export function turnOf({ shifts = [], shift }) {
  const mine = shifts.find(({ id }) => id === shift);
  return mine ? { ...mine.operator, shift } : null;
}

function takeTurn({ id, operator }) {
  if (state.operator?.id !== operator.id) forgetLastAct();
  patch({ operator: { ...operator, shift: id }, locked: false });
  wakeAll();
}

const replaced = (shifts, shift) => shifts.map((one) => (one.id === shift.id ? shift : one));
