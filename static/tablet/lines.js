/** The steps of one verdict: which of them tells the most, and in what order they stand. Pure. */

const GRAVEST_FIRST = ["violet", "red", "amber", "green", "grey"];

/** @typedef {{step: {how: string}, verdict: import("./rules/verdict.js").Verdict}} Line */

/** The step with the gravest tone, among equals the one that stands first; what is settled or does not apply says least.
 * @param {Line[]} lines @returns {Line} */
export function gravest(lines) {
  const place = ({ verdict }) => GRAVEST_FIRST.indexOf(verdict.tone);
  return inOrder(lines).reduce((first, line) => (place(line) < place(first) ? line : first));
}

/** What somebody has to decide stands first; among equals what is handed out, then the plan's order. @param {Line[]} lines @returns {Line[]} */
export function inOrder(lines) {
  const place = ({ step, verdict }) => (verdict.tone === "grey" ? 2 : 0) + (step.how === "collect" ? 0 : 1);
  return [...lines].sort((one, other) => place(one) - place(other));
}
