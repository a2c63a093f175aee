/** From what was scanned or typed to what may be done: card, row, own entries and verdict brought together. */

import { Refused, Unreachable } from "./api.js";
import { askAbout, rightTo } from "./custody.js";
import { card } from "./rules/card.js";
import { overlay } from "./rules/overlay.js";
import { verdict } from "./rules/verdict.js";
import { now } from "./state.js";
import { everybody, graduate, readMeta, rememberGen } from "./store.js";

/**
 * `via` is null for whoever was chosen from a list: then neither card nor number says who it is.
 *
 * @typedef {{step: object, cell: object | null, verdict: import("./rules/verdict.js").Verdict, permit?: import("./custody.js").Permit,
 *   notes: import("./store.js").Kept[]}} Line `notes` are those that were written on this tablet
 * @typedef {{reading: object, via: "scan"|"typed"|null, token: string | null, typed: string | null, student: object | null, snapshot: object,
 *   fresh: number | null, letGo: string[], asked: import("./custody.js").Asked | null, asking?: "now" | "unanswered", lines: Line[]}} Look
 */

const ASKED_FOR = new Set(["ask-portal", "data-old", "custody-elsewhere"]);

/** @param {string} token the text of a QR code @param {import("./custody.js").Asked | null} [asked] @returns {Promise<Look>} */
export async function lookAtCard(token, asked = null) {
  const { snapshot, fresh, letGo = [] } = await readMeta("snapshot", "fresh", "letGo");
  const reading = await card(token.trim(), snapshot.keys, moment());
  const known = reading.status === "valid" || reading.status === "expired";
  const found = known ? await graduate("ref", reading.ref) : {};
  // Not waited for: the next look comes after it all the same, as the database keeps the order.
  if (known && reading.prx === undefined) rememberGen(reading.ref, reading.gen).catch(() => {});
  return look(found, { reading, via: "scan", token, typed: null, snapshot, fresh, letGo, asked });
}

/** @param {string} number a student number typed by hand @param {import("./custody.js").Asked | null} [asked] @returns {Promise<Look>} */
export async function lookAtNumber(number, asked = null) {
  const { snapshot, fresh, letGo = [] } = await readMeta("snapshot", "fresh", "letGo");
  const found = await graduate("number", number);
  return look(found, { ...byHand("typed", number, { snapshot, fresh, letGo }), asked });
}

/** @param {string} ref of somebody chosen from a list @param {import("./custody.js").Asked | null} [asked] @returns {Promise<Look>} */
async function lookAtOne(ref, asked = null) {
  const data = await readMeta("snapshot", "fresh", "letGo");
  const found = await graduate("ref", ref);
  return look({ ...found, seen: null }, { ...chosen(found.row?.number ?? null, data), asked });
}

/** The same graduate once more, found as before. @param {Look} given @param {import("./custody.js").Asked | null} [asked] @returns {Promise<Look>} */
export function lookOnceMore({ via, token, typed, student }, asked = null) {
  if (via === "scan") return lookAtCard(token, asked);
  return via === "typed" ? lookAtNumber(typed, asked) : lookAtOne(student.ref, asked);
}

/** Whether the portal's word is needed before something on it can be offered. @param {Look} look */
export const needsPortal = ({ student, lines }) => Boolean(student) && lines.some(({ verdict: { code } }) => ASKED_FOR.has(code));

/** The same once more, by the portal's word about this graduate. Never fails: `asking` says so where nobody answered. @param {Look} look */
export async function lookAsking(look) {
  try {
    const asked = await askAbout(look.student.ref, look.letGo.length);
    return await lookOnceMore(look, asked);
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
    return { ...look, asking: "unanswered" };
  }
}

/** Everybody in the data. @returns {Promise<Look[]>} */
export async function lookAtEverybody() {
  const data = await readMeta("snapshot", "fresh", "letGo");
  const { rows, entries } = await everybody();
  return rows.map((row) => look({ row, entries: entries.get(row.ref) }, chosen(row.number, data)));
}

/** @param {string[]} refs @returns {Promise<Look[]>} those of them who are in the data */
export async function lookAtThese(refs) {
  const data = await readMeta("snapshot", "fresh", "letGo");
  const found = await Promise.all(refs.map((ref) => graduate("ref", ref)));
  return found.filter(({ row }) => row).map((one) => look({ ...one, seen: null }, chosen(one.row.number, data)));
}

const chosen = (number, data) => byHand(null, number, data);

function byHand(via, number, { snapshot, fresh, letGo = [] }) {
  return { reading: { status: "typed" }, via, token: null, typed: number, snapshot, fresh, letGo, asked: null };
}

function look({ row, entries = [], seen = null }, known) {
  const { reading, snapshot, fresh, asked } = known;
  const standing = asked?.student ?? row;
  const student = standing ? withOwnEntries(standing, entries, snapshot) : null;
  const age = { now: moment(), known: fresh ? new Date(fresh).toISOString() : null };
  const lines = snapshot.steps.filter((step) => step.own).map((step) => {
    const { hand, permit } = rightTo(step, student, known);
    const given = verdict({ card: reading, student, step, seen_gen: seen, ...age, hand });
    return { step, cell: student?.steps[step.code] ?? null, verdict: given, permit, notes: entries.filter((entry) => isNote(entry, step)) };
  });
  return { ...known, student, lines };
}

const isNote = (entry, { code }) => entry.step === code && entry.payload.act === "note";

/** The cell of one step as it stands at this moment; null where the row has none. @param {string} ref @param {string} code */
export async function cellNow(ref, code) {
  const { snapshot } = await readMeta("snapshot");
  const { row, entries } = await graduate("ref", ref);
  return row && snapshot ? withOwnEntries(row, entries, snapshot).steps[code] ?? null : null;
}

/** The row with this tablet's entries laid over it, where the server's rows do not show them yet. */
function withOwnEntries(row, entries, snapshot) {
  if (!entries.some((entry) => entry.overlaid)) return row;
  const steps = { ...row.steps };
  for (const { code, own } of snapshot.steps) {
    if (own && steps[code]) steps[code] = overlay(steps[code], showing(entries, code));
  }
  return { ...row, steps };
}

/** Entries of one step, from the first that still shows on: later ones have seen it, answered or not. */
function showing(entries, step) {
  const ofStep = entries.filter((entry) => entry.step === step);
  const first = ofStep.findIndex((entry) => entry.overlaid);
  const acts = new Map(ofStep.map(({ hash, payload }) => [hash, payload.act]));
  const own = first < 0 ? [] : ofStep.slice(first);
  return own.map(({ payload, hash, before, undone }) => ({ ...payload, hash, before, undone, undid: acts.get(undone) }));
}

const moment = () => new Date(now()).toISOString();
