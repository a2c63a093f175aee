/** Reasons of a hold: one of the plan's, words of one's own, or both in one text, "code: words". And its amount. */

import { named, t } from "./i18n.js";

/** What stands as the reason of a hand-over that was signed for on paper. */
export const ON_PAPER = "signed-on-paper";

const POSTED = "posted"; // under the number behind it: the portal's word for what went by mail

const MOST_FEN = 100_000_000; // a million yuan: a slip of the finger, not damage to a room

/** @param {string | null} code @param {string} words @returns {string | null} null when there is no reason */
export function reasonOf(code, words) {
  const said = words.trim();
  return code && said ? `${code}: ${said}` : code || said || null;
}

/** A reason as people read it. @param {string} reason @param {{reasons?: {code: string}[]}} step */
export function describe(reason, step) {
  const [, code, words] = /^([^:]*)(?:: (.*))?$/s.exec(reason) ?? [null, reason, undefined];
  const listed = (step.reasons ?? []).find((one) => one.code === code);
  if (code === ON_PAPER) return t("sign.paper.done");
  if (code === POSTED && words) return t("reason.posted", { number: words });
  if (!listed) return reason;
  return words ? t("reason.words", { reason: named(listed), words }) : named(listed);
}

/** @param {number} fen @returns {string} */
export const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

/** As a Chinese keyboard may write it: full-width, with its own full stop. @param {string} typed */
const plainAmount = (typed) => typed.normalize("NFKC").trim().replace(/^¥\s*/, "").replace("。", ".");

/** What leaves the desk is always recorded, nothing too. @param {string} typed yuan @returns {number | undefined} fen */
export const paidOut = (typed) => (/^0+(\.0{0,2})?$/.test(plainAmount(typed)) ? 0 : fenOf(typed) ?? undefined);

/** @param {string} typed yuan @returns {number | null | undefined} fen; null for nothing typed, undefined for what is no amount */
export function fenOf(typed) {
  const text = plainAmount(typed);
  if (!text) return null;
  const match = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const fen = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return fen > 0 && fen <= MOST_FEN ? fen : undefined;
}
