/** fold(entries, facts) → cell: what all entries of one graduate and one step amount to (docs/rules.md). Pure. */

const STATE = {
  clear: "cleared", collect: "collected", hold: "held", submit: "submitted", waive: "waived", return: "open", reopen: "open",
};
/** Least permissive first; a waiver counts as cleared among heads that disagree. */
const PERMISSIVENESS = ["held", "open", "submitted", "cleared"];
const AGREEING = { "clear,waive": "cleared", "reopen,return": "open" };
const UNDO_WITHIN_MS = 120_000;
const MOMENT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const LAST_MS = 253_402_300_799_999 - 86_400_000; // a day before the end of the year 9999: a date in every time zone

/**
 * @typedef {{state: string, heads: string[], as_of?: string, by?: string, reason?: string, conflict?: string}} Cell
 * @typedef {{applies: boolean, awaits_list: boolean, supervisors: Record<string, string | null>}} Facts
 */

/**
 * @param {object[]} entries payloads with their `hash`, in any order, repeated or not
 * @param {Facts} facts
 * @returns {Cell}
 */
export function fold(entries, facts) {
  const known = new Map(entries.map((entry) => [entry.hash, entry]));
  const removed = undone([...known.values()], facts.supervisors);
  const live = [...known.values()].filter((entry) => STATE[entry.act] && !removed.has(entry.hash));
  const seenBy = new Map(live.map((entry) => [entry.hash, allSeen(entry, known)]));
  const heads = live.filter((entry) => !live.some((other) => other !== entry && seenBy.get(other.hash).has(entry.hash)));

  const hashes = heads.map((entry) => entry.hash).sort();
  if (!facts.applies) return { state: "not-applicable", heads: hashes };
  const collects = live.filter((entry) => entry.act === "collect");
  if (collects.length) return collected(collects, heads, seenBy, hashes);
  if (!heads.length) return { state: facts.awaits_list ? "unknown" : "open", heads: hashes };
  return headed(heads, hashes);
}

/** @param {object} entry @returns {number} epoch milliseconds of `at` + `offset`, kept within what a date can hold */
export function correctedTime({ at, offset }) {
  return Math.min(Math.max(moment(at) + (Number.isInteger(offset) ? offset : 0), 0), LAST_MS);
}

/** Epoch milliseconds; 0 for anything that is no moment, the 30th of February included. */
function moment(text) {
  if (typeof text !== "string" || !MOMENT.test(text)) return 0;
  const made = Date.parse(text);
  return !Number.isNaN(made) && new Date(made).toISOString().slice(0, 19) === text.slice(0, 19) ? made : 0;
}

function collected(collects, heads, seenBy, hashes) {
  const blindHold = (head) => head.act === "hold" && !collects.every((one) => seenBy.get(head.hash).has(one.hash));
  const conflict = collects.length > 1 ? "collected-twice" : heads.some(blindHold) ? "collected-while-held" : undefined;
  return { state: "collected", ...told(earliest(collects)), ...(conflict && { conflict }), heads: hashes };
}

function headed(heads, hashes) {
  const acts = [...new Set(heads.map((entry) => entry.act))].sort();
  const agreed = acts.length === 1 ? STATE[acts[0]] : AGREEING[acts.join()];
  if (agreed) return { state: agreed, ...told(earliest(heads)), heads: hashes };
  const stateOf = (entry) => (entry.act === "waive" ? "cleared" : STATE[entry.act]);
  const state = PERMISSIVENESS.find((candidate) => heads.some((entry) => stateOf(entry) === candidate));
  const strictest = heads.filter((entry) => stateOf(entry) === state);
  return { state, ...told(earliest(strictest)), conflict: acts.join("-vs-"), heads: hashes };
}

/** @returns {Set<string>} hashes of the acting entries that an undo has removed */
function undone(entries, supervisors) {
  const removed = new Set();
  for (const undo of entries.filter((entry) => entry.act === "undo" && entry.target)) {
    for (const target of entries) {
      if (target.id === undo.target && STATE[target.act] && mayUndo(undo, target, supervisors)) removed.add(target.hash);
    }
  }
  return removed;
}

function mayUndo(undo, target, supervisors) {
  const when = correctedTime(undo);
  if (undo.operator === target.operator && Math.abs(when - correctedTime(target)) <= UNDO_WITHIN_MS) return true;
  if (!Object.hasOwn(supervisors, undo.operator)) return false;
  const ended = supervisors[undo.operator];
  return ended === null || when < Date.parse(ended);
}

/** @returns {Set<string>} hashes of everything that `entry` has seen, directly or by way of others */
function allSeen(entry, known) {
  const seen = new Set();
  const open = [entry];
  while (open.length) {
    const current = open.pop();
    for (const other of known.values()) {
      if (!seen.has(other.hash) && sawDirectly(current, other)) {
        seen.add(other.hash);
        open.push(other);
      }
    }
  }
  return seen;
}

function sawDirectly(later, earlier) {
  if (Array.isArray(later.saw) && later.saw.includes(earlier.hash)) return true;
  return later.device !== undefined && later.device !== "portal" && later.device === earlier.device
    && Number.isInteger(later.seq) && Number.isInteger(earlier.seq) && earlier.seq < later.seq;
}

function earliest(entries) {
  const order = (a, b) => correctedTime(a) - correctedTime(b) || compared(a.id, b.id) || compared(a.hash, b.hash);
  return [...entries].sort(order)[0];
}

function compared(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function told(entry) {
  const { operator, reason } = entry;
  return {
    as_of: new Date(correctedTime(entry)).toISOString(),
    by: operator ?? "",
    ...(typeof reason === "string" && { reason }),
  };
}
