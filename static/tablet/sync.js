/** Four loops that know nothing of each other's waits: up (entries), pictures, down (rows) and the heartbeat. */

import { Refused, Unreachable } from "./api.js";
import { countPictures } from "./attachments.js";
import { ask, whenBack } from "./contact.js";
import { letGoOf } from "./custody.js";
import { Loop } from "./loop.js";
import { sendPictureOnce } from "./pictures.js";
import { MOST_ENTRIES, plan, ranges } from "./plan.js";
import { forgetIfExpired, queueAgain, storeAnswers, storeChanges, storeSnapshot, storeUnchanged } from "./rows.js";
import { sendEnds } from "./ends.js";
import { now, patch, state } from "./state.js";
import { answeredButShown, countOutbox, outbox, readMeta } from "./store.js";

const DOWN_EVERY_MS = 4_000;
const DOWN_HIDDEN_MS = 30_000;
const BEAT_EVERY_MS = 20_000;
const BEAT_RECALLED_MS = 3_000; // somebody waits for what is asked back
const SNAPSHOT_EVERY_MS = 15 * 60_000; // steps, operators and card keys come only with a snapshot
const SNAPSHOT_PATIENCE_MS = 60_000;
const PASSING = new Set(["storage", "station-closed"]); // over when rows come again

let most = MOST_ENTRIES;
let recalled = []; // what the last heartbeat asked back
const up = new Loop(uploadOnce, failed);
const down = new Loop(downloadOnce, failed);
const beat = new Loop(beatOnce, failed);
const pictures = new Loop(sendPictureOnce, failed);
const loops = [up, down, beat, pictures];

/** Starts the loops for the device in `state`, or starts them again. */
export function startSync() {
  for (const loop of loops) loop.start();
}

/** Lets the loops rest until they are started again; what is recorded meanwhile waits in the outbox.
 * @returns {Promise<unknown>} when nothing is on its way any more */
export function pauseSync() {
  return Promise.all(loops.map((loop) => loop.stop()));
}

whenBack(wakeAll);
addEventListener("online", () => {
  for (const loop of loops) loop.startOver();
});
addEventListener("offline", () => patch({ online: false }));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wakeAll());

export function wakeAll() {
  for (const loop of loops) loop.wake();
}

/** Something new waits in the outbox, and perhaps pictures with it. */
export async function entriesWait() {
  patch({ pictures: await countPictures() });
  patch({ pending: await countOutbox(state.device.device) }); // last: an upload that ends meanwhile counts after this one
  if (navigator.onLine === false) return; // a try would only read the whole outbox; the network's return wakes all loops
  up.wake();
  pictures.wake();
}

/** Sends what fits and keeps the answers. @returns {Promise<number | null>} */
export async function uploadOnce() {
  const { device } = state.device;
  const queue = await outbox(device, MOST_ENTRIES);
  const { send } = plan(queue, null, most);
  if (!send.length) return null;
  const entries = send.map(({ jws }) => ({ jws }));
  let reply;
  try {
    reply = await ask("entries", { body: { entries, clock: clock(), pending: await countOutbox(device) } });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 413 || send.length === 1) throw error;
    most = Math.ceil(send.length / 2);
    return 0;
  }
  const { settled } = plan(queue, { sent: send, answers: reply.body.answers });
  if (!settled.length) throw new Unreachable("answers that do not fit");
  await storeAnswers(device, settled);
  most = MOST_ENTRIES;
  const pending = await countOutbox(device);
  patch({ pending });
  down.wake();
  return pending ? 0 : null;
}

/** Brings the rows up to date: by changes, or by a snapshot where there is none, or an old one. @returns {Promise<number | null>} */
export async function downloadOnce() {
  const { snapshot, revoked, resting } = await readMeta("snapshot", "revoked", "resting");
  if (revoked || resting) return null;
  // Asked for before the request: what is answered by now is in the rows that come.
  const reflected = await answeredButShown();
  const old = !snapshot || Math.abs(Date.now() - snapshot.taken) > SNAPSHOT_EVERY_MS;
  const stored = old ? await takeSnapshot(snapshot?.etag ?? null, reflected) : await takeChanges(snapshot.cursor, reflected);
  if (!stored) return 0; // names were deleted while this was on its way: look again what is wanted
  patch({ fresh: now(), hasData: true, ...(PASSING.has(state.refused) && { refused: null }) });
  return document.visibilityState === "visible" ? DOWN_EVERY_MS : DOWN_HIDDEN_MS;
}

async function takeSnapshot(etag, reflected) {
  const reply = await ask("snapshot", { etag, patience: SNAPSHOT_PATIENCE_MS });
  if (reply.status === 304) return storeUnchanged(reflected);
  if (!(await storeSnapshot(reply.body, reply.etag, reflected))) return false;
  patch({ device: { ...state.device, station: reply.body.station } }); // the line names the station whose rows are here
  return true;
}

async function takeChanges(cursor, reflected) {
  for (let after = cursor, more = true; more;) {
    let page;
    try {
      page = (await ask(`changes?after=${encodeURIComponent(after)}`)).body;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 410) throw error;
      // The server may have been restored from a backup: ask at once what it misses.
      beat.wake();
      return takeSnapshot(null, reflected);
    }
    if (!(await storeChanges(page, reflected))) return false;
    ({ cursor: after, more } = page);
  }
  return true;
}

/** Tells how this tablet is, sends again what the server misses, shows what it has to say. @returns {Promise<number>} */
export async function beatOnce() {
  const { head, letGo = [] } = await readMeta("head", "letGo"); // of one moment: nothing was handed out after it by what is let go of
  const { device } = state.device;
  const body = await tellHowItIs(device, head, recalled.filter((id) => letGo.includes(id))).finally(forgetInTime);
  if (await queueAgain(device, ranges(body.missing, head.seq))) await entriesWait();
  if (state.pending) up.wake(); // the portal answers, whatever the browser thinks of the network
  patch({ notices: Array.isArray(body.notices) ? body.notices : [] });
  await sendEnds();
  recalled = Array.isArray(body.recalled) ? body.recalled : [];
  if (await letGoOf(recalled)) return 0; // and say so
  return recalled.length ? BEAT_RECALLED_MS : BEAT_EVERY_MS;
}

async function tellHowItIs(device, head, let_go) {
  const battery = state.battery === null ? {} : { battery: state.battery / 100 };
  const pending = await countOutbox(device);
  return (await ask("heartbeats", { body: { clock: clock(), pending, head, app: state.version, let_go, ...battery } })).body;
}

/** Names go when their time is over; judged after the portal was asked, so that a clock that was set forward costs nobody the data. */
async function forgetInTime() {
  if (await forgetIfExpired()) patch({ hasData: false, operator: null, locked: false, fresh: null });
}

/** The network's faults are on the state line already; whatever else fails here is the browser's storage. */
function failed(error) {
  if (!(error instanceof Unreachable || error instanceof Refused) && !state.refused) patch({ refused: "storage" });
}

const clock = () => new Date().toISOString();
