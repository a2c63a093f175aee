/** The end of a shift: everything is sent, the portal says that it holds all of it, and then the shift ends. */

import { Refused, Unreachable } from "../api.js";
import { ask } from "../contact.js";
import { clone, fill, on } from "../dom.js";
import { saveJournal } from "../export.js";
import { t } from "../i18n.js";
import { ranges } from "../plan.js";
import { queueAgain } from "../rows.js";
import { show } from "../screens.js";
import { endShift } from "../shifts.js";
import { now, state } from "../state.js";
import { readMeta } from "../store.js";
import { entriesWait, wakeAll } from "../sync.js";

const PATIENCE_MS = 15_000; // then nobody has to wait any longer

export function end() {
  const element = clone("t-end");
  let asking = false;
  let late = false;
  let answer = null; // {word, values}
  const draw = () => {
    const { word, values } = answer ?? waiting();
    const good = word.startsWith("complete");
    const stuck = !good && (answer !== null || state.online === false || late);
    element.dataset.closing = word;
    fill(element, { text: t(`end.${word}`, values), go: t(good ? "end.go" : "end.anyway") });
    for (const [action, shown] of Object.entries({ end: good || stuck, export: stuck, retry: stuck })) {
      element.querySelector(`[data-action="${action}"]`).hidden = !shown;
    }
    element.querySelector('[data-action="end"]').className = good ? "primary" : "";
  };
  const check = async () => {
    if (!answer && !asking && !state.pending && state.online !== false) {
      asking = true;
      answer = await closing();
      asking = false;
    }
    if (element.isConnected) draw();
  };
  on(element, "retry", () => {
    answer = null;
    wakeAll(); // with no network it is asked as soon as a loop has found it again
    check();
  });
  on(element, "export", async () => fill(element, { problem: (await saveJournal()) ? null : t("about.export.none") }));
  on(element, "back", () => show("scan"));
  on(element, "end", async ({ currentTarget }) => {
    currentTarget.disabled = true;
    await endShift();
    show("operator", { said: t("end.done") });
  });
  wakeAll();
  draw();
  queueMicrotask(check);
  const patience = setTimeout(() => {
    late = true;
    draw();
  }, PATIENCE_MS);
  return { element, leave: () => clearTimeout(patience), changed: (_, changes) => ("pending" in changes || "online" in changes) && check() };
}

/** What is in the way of asking. */
function waiting() {
  const { online, pending } = state;
  if (online === false) return { word: pending ? "offline" : "offline.none", values: { n: pending } };
  return { word: pending ? "sending" : "asking", values: { n: pending } };
}

/** Asks whether the portal holds everything; what it misses is queued again. */
async function closing() {
  const { device } = state.device;
  const { head } = await readMeta("head");
  try {
    const { body } = await ask("closings", { body: { date: localDate(), seq: head.seq, hash: head.hash } });
    if (body.complete) return { word: head.seq ? "complete" : "complete.none", values: { n: head.seq } };
    const missing = ranges(body.missing, head.seq);
    if (!missing.length) return { word: "differs", values: {} };
    if (await queueAgain(device, missing)) await entriesWait();
    return { word: "missing", values: { n: missing.reduce((sum, [from, to]) => sum + to - from + 1, 0) } };
  } catch (error) {
    if (error instanceof Unreachable) return null;
    if (error instanceof Refused) return { word: "refused", values: { message: error.message || error.code } };
    throw error;
  }
}

/** The day where the tablet stands, by corrected time. */
function localDate() {
  const today = new Date(now());
  return [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
