/**
 * What the tablet keeps, in IndexedDB: `meta` and `settings` (by name), `students` (rows as the server gave them), `gens`
 * (newest own card read here, by ref), `entries` (every journal entry ever made here, by device and seq) and `attachments` (photos
 * and signatures that the portal does not hold yet, by SHA-256).
 */

import { deleteDB, openDB } from "../vendor/idb/index.js";

const NAME = "clearance-tablet";
const VERSION = 2;
const OPEN_TRIES = 3;
const OPEN_AGAIN_MS = 300;
export const STRICT = { durability: "strict" };

let db = null;

/**
 * @typedef {{device: string, seq: number, id: string, hash: string, jws: string, payload: object, made: number,
 *   before: object | null, undone: string | null, step: string | null, student: string | null,
 *   unanswered?: 1, overlaid?: 1, answer?: {outcome: string, code?: string, message?: string}}} Kept
 */

/**
 * Opens the database, making it on first use. Tries again for a moment: another tab may just be closing it.
 * @param {() => void} onLost called when the browser takes it away
 */
export async function openStore(onLost) {
  for (let left = OPEN_TRIES; ; left -= 1) {
    try {
      db = await openDB(NAME, VERSION, { upgrade: makeStores, blocking: () => db.close(), terminated: onLost });
      return;
    } catch (error) {
      if (left === 1) throw error;
      await new Promise((resume) => setTimeout(resume, OPEN_AGAIN_MS));
    }
  }
}

function makeStores(fresh, had) {
  if (had < 1) makeFirstStores(fresh);
  if (had < 2) fresh.createObjectStore("attachments", { keyPath: "sha256" }).createIndex("made", "made");
}

function makeFirstStores(fresh) {
  for (const name of ["meta", "settings", "gens"]) fresh.createObjectStore(name);
  fresh.createObjectStore("students", { keyPath: "ref" }).createIndex("number", "number");
  const entries = fresh.createObjectStore("entries", { keyPath: ["device", "seq"] });
  // A record without the field is not in the index: it holds only what still waits.
  entries.createIndex("unanswered", ["device", "unanswered", "seq"]);
  entries.createIndex("overlaid", ["overlaid", "device", "seq"]);
  entries.createIndex("student", ["student", "seq"]);
  entries.createIndex("made", "made");
}

/** @param {string[]} stores @param {IDBTransactionOptions} [options] @returns a readwrite transaction */
export function change(stores, options) {
  return db.transaction(stores, "readwrite", options);
}

/** @param {string} store @returns an object store for one reading */
export const read = (store) => db.transaction(store).store;

/** @param {...string} names @returns {Promise<Record<string, any>>} their values, undefined where there is none */
export async function readMeta(...names) {
  const { store } = db.transaction("meta");
  const values = await Promise.all(names.map((name) => store.get(name)));
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

/** Writes all of them or none. @param {Record<string, any>} values @param {IDBTransactionOptions} [options] */
export async function writeMeta(values, options) {
  const tx = change(["meta"], options);
  for (const [name, value] of Object.entries(values)) tx.store.put(value, name);
  await tx.done;
}

/**
 * Reads some values and writes others in one transaction. @param {string[]} names
 * @param {(values: Record<string, any>) => Record<string, any>} edit what to write; undefined takes a name away
 * @param {IDBTransactionOptions} [options]
 */
export async function editMeta(names, edit, options) {
  const tx = change(["meta"], options);
  const values = await Promise.all(names.map((name) => tx.store.get(name)));
  const written = edit(Object.fromEntries(names.map((name, i) => [name, values[i]])));
  for (const [name, value] of Object.entries(written)) {
    if (value === undefined) tx.store.delete(name);
    else tx.store.put(value, name);
  }
  await tx.done;
}

/** @param {string} name */
export const readSetting = (name) => db.get("settings", name);

/** @param {string} name @param {any} value */
export const writeSetting = (name, value) => db.put("settings", value, name);

/**
 * A row and this tablet's own entries for it, as they stand at one moment: between two reads a download might have moved
 * an entry from the one to the other. @param {"ref" | "number"} by @param {string} value
 * @returns {Promise<{row: object | undefined, entries: Kept[], seen: number | null}>} `seen`: highest own gen ever read here
 */
export async function graduate(by, value) {
  const tx = db.transaction(["students", "entries", "gens"]);
  const students = tx.objectStore("students");
  const row = await (by === "ref" ? students.get(value) : students.index("number").get(value));
  const ref = row?.ref ?? (by === "ref" ? value : null);
  if (ref === null) return { row, entries: [], seen: null };
  const [entries, seen] = await Promise.all([
    tx.objectStore("entries").index("student").getAll(entriesFor(ref)), tx.objectStore("gens").get(ref),
  ]);
  return { row, entries, seen: seen ?? null };
}

/** Deletes everything that this app ever kept here, the journal too. */
export async function destroyStore() {
  db.close();
  await deleteDB(NAME);
}

/**
 * Every row, and this tablet's own entries of those of whom some still show, as they stand at one moment.
 * @returns {Promise<{rows: object[], entries: Map<string, Kept[]>}>} entries by ref
 */
export async function everybody() {
  const tx = db.transaction(["students", "entries"]);
  const entries = tx.objectStore("entries");
  const [rows, shown] = await Promise.all([
    tx.objectStore("students").getAll(), entries.index("overlaid").getAll(IDBKeyRange.bound([1], [1, []])),
  ]);
  const refs = [...new Set(shown.map((entry) => entry.student).filter(Boolean))];
  const own = await Promise.all(refs.map((ref) => entries.index("student").getAll(entriesFor(ref))));
  return { rows, entries: new Map(refs.map((ref, i) => [ref, own[i]])) };
}

/** @param {string} ref @returns {Promise<object | undefined>} */
export const studentByRef = (ref) => db.get("students", ref);

/** @returns {Promise<number>} */
export const countStudents = () => db.count("students");

/** Remembers a card that was read; an older one changes nothing. @param {string} ref @param {number} gen */
export async function rememberGen(ref, gen) {
  const tx = change(["gens"]);
  if (((await tx.store.get(ref)) ?? 0) < gen) tx.store.put(gen, ref);
  await tx.done;
}

/** @param {string} device @param {number} most @returns {Promise<Kept[]>} unanswered entries, lowest seq first */
export const outbox = (device, most) => db.getAllFromIndex("entries", "unanswered", waiting(device), most);

/** @param {string} device @returns {Promise<number>} */
export const countOutbox = (device) => db.countFromIndex("entries", "unanswered", waiting(device));

/** @param {string} ref @returns {Promise<Kept[]>} all entries made here for this graduate, by seq */
export const entriesOf = (ref) => db.getAllFromIndex("entries", "student", entriesFor(ref));

/** @param {number} from epoch ms by the server's clock @returns {Promise<Kept[]>} entries made since, oldest first */
export const entriesSince = (from) => db.getAllFromIndex("entries", "made", IDBKeyRange.lowerBound(from));

/** @returns {Promise<[string, number][]>} keys of entries that still show although they are answered */
export async function answeredButShown() {
  const shown = await db.getAllFromIndex("entries", "overlaid", IDBKeyRange.bound([1], [1, []]));
  return shown.filter((entry) => !entry.unanswered).map(({ device, seq }) => [device, seq]);
}

/** Calls `each` with everything in a store, in the order of its key. @param {string} store @param {(value: any) => void} each */
export async function eachOf(store, each) {
  let cursor = await read(store).openCursor();
  for (; cursor; cursor = await cursor.continue()) each(cursor.value);
}

/** @param {string} device */
function waiting(device) {
  return IDBKeyRange.bound([device, 1], [device, 1, []]);
}

/** @param {string} ref */
function entriesFor(ref) {
  return IDBKeyRange.bound([ref], [ref, []]);
}
