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
 *   target?: string | null, reason?: string | null, amount?: number | null,
 *   attachments?: import("./attachments.js").Attachment[]}} Draft
 */

/**
 * Signs and stores one entry, after those that are being stored already.
 * @param {Draft} draft
 * @param {{before: object | null, undone?: string | null, offset: number, cursor: string | null,
 *   permit?: import("./custody.js").Permit}} context the cell as it
 *   stood on the screen, the hash that an undo takes back, the clock's offset in ms, and the data that the screen had, the right by which something is handed over
 * @returns {Promise<import("./store.js").Kept>}
 * @throws {NotRecorded}
 */
export function record(draft, context) {
  const mine = last.then(() => append(draft, context));
  last = mine.catch(() => {});
  return mine;
}

async function append(draft, context) {
  try {
    // Signing cannot happen inside a transaction. Whoever wrote in between has moved the head: then sign again.
    for (;;) {
      const signed = await sign(draft, context);
      if (await store(signed, draft.attachments ?? [], context.permit)) return signed;
    }
  } catch (error) {
    throw error instanceof NotRecorded ? error : new NotRecorded(reasonOf(error), error);
  }
}

/** The entry that would come next, signed. */
async function sign(draft, { before, undone = null, offset, cursor }) {
  const { device, key, head } = await readMeta("device", "key", "head");
  if (!device || !key || !head) throw new NotRecorded("not-enrolled");
  const at = Date.now();
  const payload = {
    id: crypto.randomUUID(), seq: head.seq + 1, prev: head.hash, device: device.device,
    operator: draft.operator, shift: draft.shift ?? null, station: draft.station,
    at: new Date(at).toISOString(), offset, cursor, saw: draft.saw,
    act: draft.act, student: draft.student, step: draft.step, card: draft.card,
    proxy: draft.proxy ?? null, target: draft.target ?? null,
    reason: draft.reason ?? null, amount: draft.amount ?? null, attachments: (draft.attachments ?? []).map(({ sha256 }) => sha256),
  };
  const header = { alg: "ES256", kid: device.device, typ: "entry+jwt" };
  const { jws, hash } = await signToken(header, payload, key);
  const { id, seq, student, step } = payload;
  return { device: device.device, seq, id, hash, jws, payload, made: at + offset, before, undone, student, step, unanswered: 1, overlaid: 1 };
}

/** Puts the entry, its pictures and the new head, or, if the head is no longer the one that was signed for, nothing. */
async function store(entry, attachments, permit) {
  const tx = change(["meta", "entries", "attachments"], STRICT);
  const done = tx.done;
  done.catch(() => {}); // awaited below; a failure before that must not count as unhandled
  try {
    const meta = tx.objectStore("meta");
    const [device, head, snapshot, letGo] = await Promise.all(["device", "head", "snapshot", "letGo"].map((name) => meta.get(name)));
    // In the transaction that writes: what is let go of after it has this entry in its chain.
    if (!stillRight(permit, { snapshot, letGo })) throw new NotRecorded("not-ours");
    const fits = device?.device === entry.device && head.seq === entry.seq - 1 && head.hash === entry.payload.prev;
    if (fits) {
      // `add`, not `put`: an entry that is there already must never be written over.
      const pictures = putAttachments(tx, attachments);
      await Promise.all([pictures, tx.objectStore("entries").add(entry), meta.put({ seq: entry.seq, hash: entry.hash }, "head")]);
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
