/** The server's rows on the tablet: whole snapshots, changes to them, answers to entries, and forgetting it all. */

import { now } from "./clock.js";
import { change, readMeta } from "./store.js";

const PUTS_AT_ONCE = 200; // between these the screen gets its turn

/**
 * Replaces every row, in one transaction: a reader sees the old ones or the new ones, never a mixture.
 * @param {object} snapshot as in the protocol @param {string | null} etag
 * @param {[string, number][]} reflected keys of answered entries that these rows already contain
 * @returns {Promise<boolean>} false: nobody may have names here any more, and nothing was stored
 */
export async function storeSnapshot(snapshot, etag, reflected) {
  const { students, ...rest } = snapshot;
  const tx = change(["meta", "students", "entries"]);
  const meta = tx.objectStore("meta");
  const [resting, revoked, device] = await Promise.all(["resting", "revoked", "device"].map((name) => meta.get(name)));
  const wanted = !resting && !revoked;
  if (wanted) {
    tx.objectStore("students").clear();
    await putAll(tx.objectStore("students"), students);
    meta.put({ ...rest, etag, taken: Date.now() }, "snapshot");
    meta.put(now(), "fresh");
    meta.put({ ...device, station: rest.station }, "device"); // the portal may have moved this tablet
    await stopShowing(tx, reflected);
  }
  await tx.done;
  return wanted;
}

/**
 * Applies one page of changes together with its cursor.
 * @param {{cursor: string, students: object[], removed: string[], more: boolean}} page
 * @param {[string, number][]} reflected as above; taken off with the last page only
 * @returns {Promise<boolean>} false: what it changes was deleted meanwhile
 */
export async function storeChanges(page, reflected) {
  const tx = change(["meta", "students", "entries"]);
  const meta = tx.objectStore("meta");
  const snapshot = await meta.get("snapshot");
  if (snapshot) {
    for (const ref of page.removed) tx.objectStore("students").delete(ref);
    await putAll(tx.objectStore("students"), page.students);
    const custody = page.more ? snapshot.custody : page.custody ?? snapshot.custody; // with all the rows, not before
    meta.put({ ...snapshot, cursor: page.cursor, custody }, "snapshot");
    if (!page.more) {
      meta.put(now(), "fresh");
      await stopShowing(tx, reflected);
    }
  }
  await tx.done;
  return Boolean(snapshot);
}

/** The snapshot on the server is the one that is here: nothing to store but that. @param {[string, number][]} reflected as above @returns {Promise<boolean>} as above */
export async function storeUnchanged(reflected) {
  const tx = change(["meta", "entries"]);
  const snapshot = await tx.objectStore("meta").get("snapshot");
  if (snapshot) {
    tx.objectStore("meta").put({ ...snapshot, taken: Date.now() }, "snapshot");
    tx.objectStore("meta").put(now(), "fresh");
    await stopShowing(tx, reflected);
  }
  await tx.done;
  return Boolean(snapshot);
}

/**
 * Keeps what the server said of each entry. They show on until rows have come that contain them, so that nothing flickers.
 * @param {string} device @param {{seq: number, answer: object}[]} settled
 */
export async function storeAnswers(device, settled) {
  const tx = change(["entries"]);
  for (const { seq, answer } of settled) {
    const entry = await tx.store.get([device, seq]);
    if (!entry) continue;
    const { unanswered, ...kept } = entry;
    tx.store.put({ ...kept, answer });
  }
  await tx.done;
}

/** Queues entries again that the server says it does not have. @param {string} device @param {[number, number][]} ranges */
export async function queueAgain(device, ranges) {
  const tx = change(["entries"]);
  let queued = 0;
  for (const [from, to] of ranges) {
    const range = IDBKeyRange.bound([device, from], [device, to]);
    for (let cursor = await tx.store.openCursor(range); cursor; cursor = await cursor.continue()) {
      if (cursor.value.unanswered) continue;
      cursor.update({ ...cursor.value, unanswered: 1, overlaid: 1 });
      queued += 1;
    }
  }
  await tx.done;
  return queued;
}

/**
 * Deletes names and rows and ends every shift; the journal stays. Nothing is fetched again until somebody begins a shift.
 * @param {object} [more] to note at once
 */
export async function forgetPeople(more = {}) {
  const tx = change(["meta", "students"]);
  const meta = tx.objectStore("meta");
  tx.objectStore("students").clear();
  const [shifts = [], unfinished, ends = []] = await Promise.all(["shifts", "unfinished", "ends"].map((name) => meta.get(name)));
  meta.put([...ends, ...shifts.map(({ id }) => id), ...(unfinished ? [unfinished] : [])], "ends");
  for (const name of ["snapshot", "fresh", "shifts", "shift", "unfinished", "locked", "place", "rounds", "photos", "words"]) meta.delete(name);
  for (const [name, value] of Object.entries({ resting: true, ...more })) meta.put(value, name);
  await tx.done;
}

/** Deletes names and rows once their time is over. @param {number} [moment] epoch ms by the server's clock @returns {Promise<boolean>} done */
export async function forgetIfExpired(moment = now()) {
  const { snapshot } = await readMeta("snapshot");
  if (!snapshot || !(moment >= Date.parse(snapshot.expires))) return false;
  await forgetPeople();
  return true;
}

async function putAll(store, rows) {
  for (let i = 0; i < rows.length; i += 1) {
    const put = store.put(rows[i]);
    if (i % PUTS_AT_ONCE === PUTS_AT_ONCE - 1) await put;
  }
}

async function stopShowing(tx, keys) {
  const entries = tx.objectStore("entries");
  for (const key of keys) {
    const entry = await entries.get(key);
    if (!entry || entry.unanswered) continue;
    const { overlaid, ...kept } = entry;
    entries.put(kept);
  }
}
