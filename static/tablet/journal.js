/**
 * The journal: what staff decided on this tablet, signed and chained. `record` resolves only after the browser has said
 * that the entry is on the disk; until then no screen may say so. What is recorded is never changed and never deleted.
 */

import { putAttachments } from "./attachments.js";
import { stillRight } from "./custody.js";
import { signToken } from "./encode.js";
import { change, readMeta, STRICT } from "./store.js";

/** Nothing was written. `code`: disk-full, storage-refused, not-enrolled, not-ours (no right to hand it over any more). */
export class NotRecorded extends Error {
  constructor(code, cause) {
    super(`not recorded: ${code}`, { cause });
    this.code = code;
  }
}

let last = Promise.resolve();

/**
 * @typedef {{act: "clear"|"hold"|"collect"|"undo"|"refuse"|"note", operator: string, shift?: string | null, station: string, student: string | null,
 *   step: string | null, saw: string[], card: {gen: number | null, via: string} | null, proxy?: string | null,
 *   target?: string | null, reason?: string | null, amount?: number | null, round?: object,
 *   attachments?: import("./attachments.js").Attachment[], attached?: string[]}} Draft `attached`: names of pictures of an earlier entry
 */

/**
 * Signs and stores one entry, after those that are being stored already.
 * @param {Draft} draft
 * @param {{before: object | null, undone?: string | null, offset: number, cursor: string | null,
 *   permit?: import("./custody.js").Permit}} context the cell as it
 *   stood on the screen, the hash that an undo takes back, the clock's offset in ms, and the data that the screen had, the right by which something is handed over
 * @param {Record<string, any>} [noted] what is noted in `meta` together with it
 * @returns {Promise<import("./store.js").Kept>}
 * @throws {NotRecorded}
 */
export async function record(draft, context, noted) {
  const [kept] = await recordAll([{ draft, context }], noted);
  return kept;
}

/**
 * Signs and stores several entries in their order, all of them or none. @param {{draft: Draft, context: object}[]} all as above
 * @param {Record<string, any>} [noted] what is noted in `meta` together with them
 * @returns {Promise<import("./store.js").Kept[]>}
 * @throws {NotRecorded}
 */
export function recordAll(all, noted = {}) {
  const mine = last.then(() => append(all, noted));
  last = mine.catch(() => {});
  return mine;
}

async function append(all, noted) {
  const pictures = new Map(all.flatMap(({ draft }) => draft.attachments ?? []).map((one) => [one.sha256, one]));
  try {
    // Signing cannot happen inside a transaction. Whoever wrote in between has moved the head: then sign again.
    for (;;) {
      const signed = await signAll(all);
      if (await store(signed, [...pictures.values()], { noted, permits: all.map(({ context }) => context.permit) })) return signed;
    }
  } catch (error) {
    throw error instanceof NotRecorded ? error : new NotRecorded(reasonOf(error), error);
  }
}

/** The entries that would come next, signed, each naming the one before it. */
async function signAll(all) {
  const { device, key, head } = await readMeta("device", "key", "head");
  if (!device || !key || !head) throw new NotRecorded("not-enrolled");
  const signed = [];
  for (const { draft, context } of all) signed.push(await sign(draft, context, { device, key, head: signed.at(-1) ?? head }));
  return signed;
}

async function sign(draft, { before, undone = null, offset, cursor }, { device, key, head }) {
  const at = Date.now();
  const payload = {
    id: crypto.randomUUID(), seq: head.seq + 1, prev: head.hash, device: device.device,
    operator: draft.operator, shift: draft.shift ?? null, station: draft.station,
    at: new Date(at).toISOString(), offset, cursor, saw: draft.saw,
    act: draft.act, student: draft.student, step: draft.step, card: draft.card,
    proxy: draft.proxy ?? null, target: draft.target ?? null,
    reason: draft.reason ?? null, amount: draft.amount ?? null,
    attachments: [...(draft.attached ?? []), ...(draft.attachments ?? []).map(({ sha256 }) => sha256)],
    ...(draft.round && { round: draft.round }),
  };
  const header = { alg: "ES256", kid: device.device, typ: "entry+jwt" };
  const { jws, hash } = await signToken(header, payload, key);
  const { id, seq, student, step } = payload;
  return { device: device.device, seq, id, hash, jws, payload, made: at + offset, before, undone, student, step, unanswered: 1, overlaid: 1 };
}

/** Puts the entries, their pictures and the new head, or, if the head is no longer the one that was signed for, nothing. */
async function store(entries, attachments, { noted, permits }) {
  const [first, { seq, hash }] = [entries[0], entries.at(-1)];
  const tx = change(["meta", "entries", "attachments"], STRICT);
  const done = tx.done;
  done.catch(() => {}); // awaited below; a failure before that must not count as unhandled
  try {
    const meta = tx.objectStore("meta");
    const [device, head, snapshot, letGo] = await Promise.all(["device", "head", "snapshot", "letGo"].map((name) => meta.get(name)));
    // In the transaction that writes: what is let go of after it has this entry in its chain.
    if (!permits.every((permit) => stillRight(permit, { snapshot, letGo }))) throw new NotRecorded("not-ours");
    const fits = device?.device === first.device && head.seq === first.seq - 1 && head.hash === first.payload.prev;
    if (fits) {
      const writes = [
        () => putAttachments(tx, attachments),
        // `add`, not `put`: an entry that is there already must never be written over.
        ...entries.map((entry) => () => tx.objectStore("entries").add(entry)),
        ...Object.entries(noted).map(([name, value]) => () => meta.put(value, name)),
        () => meta.put({ seq, hash }, "head"),
      ];
      // Each begins in a function of its own: one that throws at once must not leave the others without anybody who hears of their end.
      await Promise.all(writes.map(async (write) => write()));
    }
    await done;
    return fits;
  } catch (error) {
    abandon(tx); // half of it must not be committed
    throw error;
  }
}

function abandon(tx) {
  try {
    tx.abort();
  } catch {
    // It has ended by itself.
  }
}

function reasonOf(error) {
  const name = error?.name === "AbortError" && error.cause ? error.cause.name : error?.name;
  return name === "QuotaExceededError" ? "disk-full" : "storage-refused";
}
