/** What happens at a station: a code or a number comes in, a verdict goes up, an act is recorded. */

import { decide, undo } from "./acts.js";
import { announce, remark } from "./dom.js";
import { signal } from "./feedback.js";
import { named, t } from "./i18n.js";
import { NotRecorded } from "./journal.js";
import { rememberLastAct } from "./last.js";
import { touch } from "./lock.js";
import { gravest } from "./lines.js";
import { lookAsking, lookAtCard, lookAtNumber, lookOnceMore, needsPortal } from "./lookup.js";
import { currentScreen, forgetForm, isOnTheWay, show, takesCodes } from "./screens.js";
import { state } from "./state.js";

let turn = 0;
let underWay = null; // what is being recorded

/** @param {string} text of a scanned code; where none is wanted it says so, and everything stays as it is */
export function onCode(text) {
  if (takesCodes()) return come(() => lookAtCard(text));
  signal("amber");
  return remark(t(mayLook() ? "missed" : "missed.closed"));
}

/** Somebody types digits without having chosen a field: they go where digits go. */
export function onDigit() {
  if (currentScreen() === "unlock") document.querySelector('#screen [name="pin"]').focus();
  if (!takesCodes() || !mayLook() || isOnTheWay()) return;
  const field = () => document.querySelector('#screen :is([name="number"], [name="search"])');
  if (!field()) show("scan");
  field().focus();
}

/** @param {string} number typed by hand */
export const onNumber = (number) => come(() => lookAtNumber(number));

/** Looks once more at the graduate of a verdict that has been acted on. @param {import("./lookup.js").Look} look */
export const lookAgain = (look) => come(() => lookOnceMore(look));

async function come(looking) {
  if (!mayLook()) return;
  touch();
  const mine = ++turn;
  const start = performance.now();
  await Promise.allSettled([underWay]); // it says first what became of it, and the look knows of it
  const look = await looking();
  if (mine !== turn || !mayLook()) return; // another card came meanwhile, or the tablet was locked
  if (isFast(look)) return act(look, look.lines[0], "clear");
  const asks = needsPortal(look);
  show("verdict", asks ? { ...look, asking: "now" } : look);
  performance.measure("verdict", { start });
  if (!asks) return tell(look);
  const answered = await lookAsking(look);
  if (mine !== turn || underWay || !mayLook() || currentScreen() !== "verdict") return; // nobody waits for it any more
  show("verdict", answered);
  tell(answered);
}

/** A verdict by sound and to screen readers: of several steps, the one that asks most of whoever stands there. */
function tell({ lines, student }) {
  const { step, verdict } = gravest(lines);
  signal(verdict.tone);
  const which = lines.length > 1 && student ? named(step.name) : "";
  announce(`${which} ${t(`verdict.${verdict.code}`)} ${student?.name ?? ""}`.trim());
}

const mayLook = () => state.operator && !state.locked && state.hasData;

/** The fast lane, where the administrator has opened one: a good card and nothing odd about it. */
function isFast({ lines, via }) {
  const [{ step, verdict }] = lines;
  return lines.length === 1 && step.fast && !step.rounds && via === "scan" && verdict.code === "may-clear" && !verdict.newer && !verdict.late;
}

/** Records, and says what became of it. Only here may a screen say that something was recorded. */
export async function act(look, line, kind, more) {
  const told = { step: line.step, name: look.student?.name ?? "", look };
  const without = kind !== "collect" && more?.attachments?.length ? () => act(look, line, kind, { ...more, attachments: [] }) : null;
  await attempt(() => decide(look, line, kind, more), { ...told, without }, () => act(look, line, kind, more));
}

/** One entry, however often it is tapped; what failed may be tried again. @param {(...values: any[]) => Promise<void>} recording */
export function once(recording) {
  let busy = false;
  return async (...values) => {
    if (busy) return;
    busy = true;
    try {
      await recording(...values);
    } finally {
      busy = false;
    }
  };
}

/** @param {import("./store.js").Kept} entry @param {string} name whose it is @param {object | null} step @param {object} [operator] who does it */
export const takeBack = once(async (entry, name, step, operator = state.operator) => {
  await attempt(() => undo(entry, operator), { step, name, look: null }, () => takeBack(entry, name, step, operator));
});

function attempt(...given) {
  const mine = carryOut(...given).finally(() => underWay === mine && (underWay = null));
  return (underWay = mine);
}

async function carryOut(work, { without = null, ...told }, retry) {
  let done;
  try {
    done = { ...told, entry: await work() };
  } catch (error) {
    if (!(error instanceof NotRecorded)) throw error;
    signal("red");
    show("not-recorded", { code: error.code, name: told.name, retry, without });
    return;
  }
  const kind = done.entry.payload.act;
  if (kind !== "note") rememberLastAct(kind === "undo" || kind === "refuse" ? null : done); // a note leaves the way back from the act before it
  if (!mayLook()) return forgetForm(); // recorded, and locked meanwhile: no name is shown or spoken any more
  signal("grey");
  announce(`${t(`done.${kind}`)} ${done.name} ${done.step ? named(done.step.name) : ""}`);
  show("done", done);
}
