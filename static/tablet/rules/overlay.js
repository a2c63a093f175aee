/** overlay(cell, own) → cell: the server's cell with this tablet's unanswered entries laid over it (docs/rules.md). Pure. */

import { fold } from "./fold.js";

const ACT = {
  cleared: "clear", held: "hold", collected: "collect", submitted: "submit", waived: "waive", open: "return",
  unknown: "return",
};

/**
 * @param {import("./fold.js").Cell} cell as the server gave it
 * @param {object[]} own in seq order: payloads with `hash`, `before` and, on an undo, `undone` and `undid`
 * @returns {import("./fold.js").Cell}
 */
export function overlay(cell, own) {
  if (!own.length) return cell;
  const ours = new Set(own.map((entry) => entry.hash));
  let base = baseOf(cell);
  for (const entry of own) {
    if (entry.act === "undo" && entry.undone && !ours.has(entry.undone)) base = without(base, entry);
  }
  const result = fold([...base.heads.filter(({ hash }) => !ours.has(hash)), ...own], {
    applies: base.state !== "not-applicable",
    awaits_list: base.state === "unknown",
    supervisors: Object.fromEntries(own.map((entry) => [entry.operator, null])),
  });
  const stillThere = base.conflict && base.heads.every(({ hash }) => result.heads.includes(hash));
  return result.conflict || !stillThere ? result : { ...result, conflict: base.conflict };
}

/** What a cell stands for: entries in the place of its heads (their act is known only from its state), and the conflict between them. */
function baseOf({ state, conflict, heads, by, as_of, reason }) {
  const act = ACT[state];
  const standIn = (hash) => ({ hash, id: hash, act, operator: by, at: as_of, offset: 0, reason });
  return { state, conflict, heads: act ? heads.map(standIn) : [] };
}

/** Takes back an entry that the server has counted. What it had seen counts again; whether others had seen that, nobody here knows. */
function without(base, { undone, undid, before }) {
  let left = base.heads.filter(({ hash }) => hash !== undone);
  if (left.length === base.heads.length) return base;
  const restored = baseOf(before);
  if (!left.length) return restored;
  if (left.length === 1) left = [theOtherSide(base, left[0], undid)];
  const kept = new Set(left.map(({ hash }) => hash));
  const conflict = left.length > 1 ? base.conflict : undefined; // who of the others disagrees, the cell does not tell
  return { state: base.state, conflict, heads: [...left, ...restored.heads.filter(({ hash }) => !kept.has(hash))] };
}

/** The one head that is left of a conflict, with the act that was not undone: the cell tells the sterner one's alone. */
function theOtherSide({ conflict }, head, undid) {
  const acts = conflict === "collected-while-held" ? ["collect", "hold"] : (conflict ?? "").split("-vs-");
  const rest = acts.filter((act) => act !== undid);
  if (!acts.includes(undid) || rest.length !== 1 || rest[0] === head.act) return head;
  return { ...head, act: rest[0], operator: undefined, reason: undefined };
}
