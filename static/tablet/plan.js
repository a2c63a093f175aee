/** What to send next and what an answer means. Pure. */

export const MOST_ENTRIES = 500;
export const MOST_BYTES = 1024 * 1024;
const ENVELOPE_BYTES = 512; // the request around the entries
const AROUND_ENTRY = 12; // {"jws":""},
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * The next upload: the lowest seqs that fit.
 * @param {{seq: number, jws: string}[]} outbox in seq order @param {number} [most] entries, fewer after a 413
 */
export function batch(outbox, most = MOST_ENTRIES) {
  let bytes = ENVELOPE_BYTES;
  let count = 0;
  for (const { jws } of outbox.slice(0, most)) {
    bytes += jws.length + AROUND_ENTRY;
    if (bytes > MOST_BYTES && count > 0) break;
    count += 1;
  }
  return outbox.slice(0, count);
}

/**
 * What the server's answers settle. An answer belongs to the entry in the same place; if it names another id, or if the
 * numbers differ, the reply is not to be trusted and the entries stay in the outbox.
 * @param {{seq: number, id: string}[]} sent
 * @param {unknown} answers
 * @returns {{seq: number, answer: {outcome: string, code?: string, message?: string}}[]}
 */
export function settle(sent, answers) {
  if (!Array.isArray(answers) || answers.length !== sent.length) return [];
  return sent.flatMap(({ seq, id }, i) => {
    const { id: answered, outcome, code, message } = answers[i] ?? {};
    if (typeof outcome !== "string" || (answered !== null && answered !== undefined && answered !== id)) return [];
    return [{ seq, answer: { outcome, ...(code && { code }), ...(message && { message }) } }];
  });
}

/**
 * One turn of the upload: what the last reply settled, and what goes next.
 * @param {{seq: number, id: string, jws: string}[]} outbox in seq order
 * @param {{sent: {seq: number, id: string}[], answers: unknown} | null} reply
 * @param {number} [most]
 */
export function plan(outbox, reply, most = MOST_ENTRIES) {
  const settled = reply ? settle(reply.sent, reply.answers) : [];
  const done = new Set(settled.map(({ seq }) => seq));
  return { settled, send: batch(outbox.filter(({ seq }) => !done.has(seq)), most) };
}

/** Only whole ranges of seqs that this journal has. @param {unknown} missing @param {number} last @returns {[number, number][]} */
export function ranges(missing, last) {
  if (!Array.isArray(missing)) return [];
  return missing
    .filter((range) => Array.isArray(range) && range.length === 2 && range.every(Number.isSafeInteger))
    .map(([from, to]) => /** @type {[number, number]} */ ([Math.max(from, 1), Math.min(to, last)]))
    .filter(([from, to]) => from <= to);
}

/** Exponential, spread over its upper half so that forty tablets do not come back at once. @param {number} failures from 1 */
export function backoff(failures, random = Math.random()) {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return wait / 2 + (wait / 2) * random;
}
