/** What a room comes to: for each resident what would be recorded, and what stands in the way. Pure. */

import { split } from "./split.js";

/** Whoever stands like this may be held by anybody on shift. */
const OPEN = new Set(["may-clear", "blocked", "unknown", "submitted", "not-open", "data-old"]);
/** More than this fits no entry. */
export const MOST_DAMAGES = 12;
const MOST_OWED = 24;

/**
 * @typedef {{ref: string, number: string, code: string, owed: Owed[] | null, noted: Record<string, boolean> | null}} Resident `code` of
 *   the verdict; `owed`: the damages of this tablet's own hold, if that is what the state stands on; `noted`: the inspection that it noted last
 * @typedef {{id: string, code: string, words: string, amount: number, payers: string[], photos: string[]}} Damage fen; refs; SHA-256
 * @typedef {{code: string, words: string, amount: number, share: number, among: number}} Owed as an entry's `round` has it
 * @typedef {{checks: Record<string, boolean>, keys: string[], out: string[], damages: Damage[]}} Draft refs with a key back, left out
 * @typedef {{ref: string, act: "clear"|"hold"|"note"|null, why?: string, reason?: string, amount?: number, failed?: string[],
 *   damages?: Owed[], fresh?: Damage[]}} Outcome `why` nothing can be recorded, or why a note; `failed` codes of the inspection
 */

/** @param {Resident} resident @param {boolean} supervisor @returns {boolean} whether a share may be laid on them here */
export function mayPay({ code, owed }, supervisor) {
  return OPEN.has(code) || (code === "held" && owed !== null && owed.length < MOST_OWED) || (code === "already-cleared" && supervisor);
}

/** @param {Damage} damage @param {Resident[]} residents @returns {Map<string, number>} fen by ref; the lowest numbers bear what is left over */
export function shares({ amount, payers }, residents) {
  const paying = residents.filter(({ ref }) => payers.includes(ref)).sort((a, b) => (a.number < b.number ? -1 : 1));
  const each = paying.length ? split(amount, paying.length) : [];
  return new Map(paying.map(({ ref }, place) => [ref, each[place]]));
}

/** Damages of which somebody who pays has left, or may not be held any more: to be shared again. @param {Draft} draft @returns {Damage[]} */
export function unshared({ damages }, residents, supervisor) {
  const paying = new Set(residents.filter((one) => mayPay(one, supervisor)).map(({ ref }) => ref));
  return damages.filter(({ payers }) => !payers.length || !payers.every((ref) => paying.has(ref)));
}

/** @param {Draft} draft @param {{inspection: {code: string}[]}} rounds @returns {boolean} everything was looked at */
export const inspected = ({ checks }, { inspection }) => inspection.every(({ code }) => typeof checks[code] === "boolean");

/**
 * @param {Resident[]} residents @param {Draft} draft @param {{inspection: {code: string, reason: string}[], damage: string, key: string | null}} rounds
 * @returns {Outcome[]} one for each resident, in their order
 */
export function outcomes(residents, draft, rounds) {
  const failed = rounds.inspection.filter(({ code }) => draft.checks[code] === false);
  const shared = draft.damages.map((damage) => ({ damage, by: shares(damage, residents) }));
  return residents.map((resident) => {
    const { ref, code } = resident;
    const mine = shared.filter(({ by }) => by.has(ref)).map(({ damage, by }) => ({ damage, share: by.get(ref), among: by.size }));
    if (mine.length) return charged(resident, mine, failed, rounds);
    if (!OPEN.has(code) || draft.out.includes(ref)) return { ref, act: null };
    if (failed.length) return { ref, act: "hold", reason: failed[0].reason, failed: failed.map((one) => one.code), damages: [], fresh: [] };
    if (!inspected(draft, rounds)) return { ref, act: null };
    const why = code !== "may-clear" ? code : rounds.key && !draft.keys.includes(ref) ? "key" : null;
    if (!why) return { ref, act: "clear" };
    return { ref, act: same(resident.noted, draft.checks) ? null : "note", why };
  });
}

/** What was noted once is not noted again. */
const same = (noted, checks) => noted !== null && JSON.stringify(Object.entries(noted).sort()) === JSON.stringify(Object.entries(checks).sort());

function charged({ ref, owed }, mine, failed, rounds) {
  const damages = [
    ...(owed ?? []),
    ...mine.map(({ damage: { code, words, amount }, share, among }) => ({ code, words, amount, share, among })),
  ];
  const amount = damages.reduce((sum, { share }) => sum + share, 0);
  const fresh = mine.map(({ damage }) => damage);
  return { ref, act: "hold", reason: rounds.damage, amount, failed: failed.map(({ code }) => code), damages, fresh };
}
