/** overlay(cell, own) → cell: the server's cell with this tablet's unanswered entries laid over it (docs/rules.md). Pure. */

import { fold } from "./fold.js";

const ACT = {
  cleared: "clear", held: "hold", collected: "collect", submitted: "submit", waived: "waive", open: "return",
  unknown: "return",
};

/**
 * @param {import("./fold.js").Cell} cell as the server gave it
 * @param {object[]} own in seq order: payloads with `hash`, `before` and, on an undo, `undone`
 * @returns {import("./fold.js").Cell}
 */
export function overlay(cell, own) {
  if (!own.length) return cell;
  const base = withAnsweredUndone(cell, own);
  const ours = new Set(own.map((entry) => entry.hash));
  const act = ACT[base.state];
  const theirs = act ? base.heads.filter((hash) => !ours.has(hash)).map((hash) => standIn(hash, act, base)) : [];
  const result = fold([...theirs, ...own], {
    applies: base.state !== "not-applicable",
    awaits_list: base.state === "unknown",
    supervisors: Object.fromEntries(own.map((entry) => [entry.operator, null])),
  });
  const stillThere = base.conflict && base.heads.every((hash) => result.heads.includes(hash));
  return result.conflict || !stillThere ? result : { ...result, conflict: base.conflict };
}

/** Takes back what undo entries name that the server has already counted. */
function withAnsweredUndone(cell, own) {
  const ours = new Set(own.map((entry) => entry.hash));
  let current = cell;
  for (const undo of own) {
    if (undo.act !== "undo" || !undo.undone || ours.has(undo.undone)) continue;
    const { heads } = current;
    if (!heads.includes(undo.undone)) continue;
    current = heads.length === 1 ? undo.before : withoutHead(current, undo.undone);
  }
  return current;
}

function withoutHead({ conflict, ...cell }, hash) {
  return { ...cell, heads: cell.heads.filter((head) => head !== hash) };
}

/** An entry that stands for one of the server's heads; which act it was is known only from the cell's state. */
function standIn(hash, act, { by, as_of, reason }) {
  return { hash, id: hash, act, operator: by, at: as_of, offset: 0, reason };
}
