/** From what was scanned or typed to what may be done: card, row, own entries and verdict brought together. */

import { card } from "./rules/card.js";
import { overlay } from "./rules/overlay.js";
import { verdict } from "./rules/verdict.js";
import { now } from "./state.js";
import { graduate, readMeta, rememberGen } from "./store.js";

/**
 * @typedef {{step: object, cell: object | null, verdict: import("./rules/verdict.js").Verdict}} Line
 * @typedef {{reading: object, via: "scan"|"typed", token: string | null, typed: string | null, student: object | null, snapshot: object,
 *   fresh: number | null, lines: Line[]}} Look
 */

/** @param {string} token the text of a QR code @returns {Promise<Look>} */
export async function lookAtCard(token) {
  const { snapshot, fresh } = await readMeta("snapshot", "fresh");
  const reading = await card(token.trim(), snapshot.keys, moment());
  const known = reading.status === "valid" || reading.status === "expired";
  const found = known ? await graduate("ref", reading.ref) : {};
  // Not waited for: the next look comes after it all the same, as the database keeps the order.
  if (known && reading.prx === undefined) rememberGen(reading.ref, reading.gen).catch(() => {});
  return look(found, { reading, via: "scan", token, typed: null, snapshot, fresh });
}

/** @param {string} number a student number typed by hand @returns {Promise<Look>} */
export async function lookAtNumber(number) {
  const { snapshot, fresh } = await readMeta("snapshot", "fresh");
  const found = await graduate("number", number);
  return look(found, { reading: { status: "typed" }, via: "typed", token: null, typed: number, snapshot, fresh });
}

function look({ row, entries = [], seen = null }, known) {
  const { reading, snapshot } = known;
  const student = row ? withOwnEntries(row, entries, snapshot) : null;
  const lines = snapshot.steps.filter((step) => step.own).map((step) => ({
    step,
    cell: student?.steps[step.code] ?? null,
    verdict: verdict({ card: reading, student, step, seen_gen: seen, now: moment() }),
  }));
  return { ...known, student, lines };
}

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
  return first < 0 ? [] : ofStep.slice(first).map(({ payload, hash, before, undone }) => ({ ...payload, hash, before, undone }));
}

const moment = () => new Date(now()).toISOString();
