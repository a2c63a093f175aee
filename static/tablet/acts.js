/** What an operator may do with a verdict, and doing it: each act is one entry in the journal. */

import { record, NotRecorded } from "./journal.js";
import { cellNow } from "./lookup.js";
import { correctedTime } from "./rules/fold.js";
import { now, state } from "./state.js";
import { entriesOf } from "./store.js";
import { entriesWait } from "./sync.js";

export const UNDO_WITHIN_MS = 120_000;
const UNDOABLE = new Set(["clear", "collect", "hold"]);
const WRITTEN = new Set(["hold", "note"]); // in forms whose words are kept until then, see words.js
const HOLDABLE = new Set(["may-clear", "may-collect", "blocked", "unknown", "submitted", "not-open", "ask-portal", "data-old", "custody-elsewhere"]);
const TURNED_AWAY = new Set(["violet", "amber", "red"]);
const NOTABLE = ({ proxy, tone, code }) => !proxy && tone !== "violet" && code !== "not-applicable";
const CARD_SAYS_WHO = new Set(["valid", "expired"]);

/**
 * What to offer beside a verdict, the main one first. A proxy learns only whether it can be handed over.
 * @param {import("./lookup.js").Line} line @param {{role: string}} operator
 * @returns {{act: string, label: string, main: boolean}[]}
 */
export function offers({ step, cell, verdict }, operator) {
  const supervisor = operator.role === "supervisor";
  const offered = [];
  const add = (act, label, main = false) => offered.push({ act, label, main });
  if (verdict.act && !(verdict.proxy && verdict.tone !== "green")) {
    add(verdict.act, verdict.code === "held" ? "act.clear.settle" : step.rounds?.key ? "act.clear.key" : `act.${verdict.act}`, true);
  }
  if (verdict.code === "conflict" && supervisor) {
    if (step.how !== "collect") add("clear", "act.clear.settle", true);
    add("hold", "act.hold.settle");
  }
  if (!verdict.proxy && (HOLDABLE.has(verdict.code) || (supervisor && verdict.code === "already-cleared"))) add("hold", "act.hold");
  if (cell && NOTABLE(verdict)) add("note", "act.note");
  if (TURNED_AWAY.has(verdict.tone)) add("refuse", "act.refuse");
  return offered;
}

/**
 * Records what was decided about one line of a verdict.
 * @param {import("./lookup.js").Look} look @param {import("./lookup.js").Line} line @param {"clear"|"collect"|"hold"|"note"|"refuse"} act
 * @param {{reason?: string | null, amount?: number | null, attachments?: import("./attachments.js").Attachment[]}} [more] amount in fen
 * @throws {NotRecorded}
 */
export async function decide(look, { step, cell, verdict, permit }, act, { reason = null, amount = null, attachments = [] } = {}) {
  const { reading, via, student, snapshot } = look;
  const ref = student?.ref ?? (CARD_SAYS_WHO.has(reading.status) ? reading.ref : null);
  const entry = await record(
    {
      act, operator: state.operator.id, shift: state.operator.shift, station: snapshot.station.code, student: ref, step: step.code,
      saw: cell?.heads ?? [], card: via && { gen: reading.gen ?? null, via }, proxy: verdict.proxy?.id ?? reading.prx ?? null,
      reason: act === "refuse" ? verdict.code : reason, amount, attachments,
      ...(act === "clear" && verdict.code === "may-clear" && step.rounds?.key && { round: { room: student.room ?? "", key: true } }),
    },
    { before: cell, offset: state.offset, cursor: snapshot.cursor, ...(act === "collect" && { permit }) },
    WRITTEN.has(act) ? { words: null } : {},
  );
  await entriesWait();
  return entry;
}

/** Milliseconds left to undo: Infinity for a supervisor, 0 when this operator may not. @param {import("./store.js").Kept} entry */
export function undoLeft({ payload }, operator = state.operator) {
  if (!operator || !UNDOABLE.has(payload.act)) return 0;
  if (operator.role === "supervisor") return Number.POSITIVE_INFINITY;
  if (operator.id !== payload.operator) return 0;
  const passed = now() - correctedTime(payload);
  return Math.abs(passed) <= UNDO_WITHIN_MS ? UNDO_WITHIN_MS - Math.max(passed, 0) : 0;
}

/** Whether it could be undone here, by somebody. @param {import("./store.js").Kept} entry */
export const isUndoable = ({ device, payload }) => UNDOABLE.has(payload.act) && device === state.device.device;

/** Takes an entry of this tablet back. @param {import("./store.js").Kept} entry @throws {NotRecorded} */
export async function undo(entry, operator = state.operator) {
  if (undoLeft(entry, operator) <= 0) throw new NotRecorded("too-late");
  if ((await undoneIds(entry.student)).has(entry.id)) throw new NotRecorded("changed");
  const cell = await cellNow(entry.student, entry.step);
  const { cursor, card, station } = entry.payload;
  const made = await record(
    {
      act: "undo", operator: operator.id, shift: operator.shift, station, student: entry.student, step: entry.step,
      saw: cell?.heads ?? [entry.hash], card, target: entry.id,
    },
    { before: entry.before, undone: entry.hash, offset: state.offset, cursor },
  );
  await entriesWait();
  return made;
}

/** @param {string} ref @returns {Promise<Set<string>>} ids that an undo made here has taken back */
export async function undoneIds(ref) {
  const entries = await entriesOf(ref);
  return new Set(entries.filter(({ payload }) => payload.act === "undo").map(({ payload }) => payload.target));
}
