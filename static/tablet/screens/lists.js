/** What was recorded today, and facts about this tablet. */

import { isUndoable, undoLeft } from "../acts.js";
import { pictureProblems } from "../attachments.js";
import { canStayAwake } from "../awake.js";
import { takeBack } from "../desk.js";
import { clone, fill, on, putItems, slot } from "../dom.js";
import { saveJournal } from "../export.js";
import { ago, clockTime, named, stationName, t } from "../i18n.js";
import { describe, yuan } from "../reasons.js";
import { show } from "../screens.js";
import { drawHours } from "./hours.js";
import { now, state } from "../state.js";
import { countOutbox, countStudents, entriesSince, readMeta, studentByRef } from "../store.js";
import { startsOffline } from "../update.js";

const MOST_SHOWN = 200;
const SAYS_WHY = new Set(["hold", "note", "collect"]); // of what was handed over: that it was signed for on paper
const ICONS = { clear: "done", collect: "hand", hold: "stop", undo: "undo", refuse: "card", note: "list" };

export function today() {
  const element = clone("t-today");
  const search = element.querySelector("input");
  let rows = [];
  let problems = [];
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = rows.filter((row) => row.text.includes(wanted));
    putItems(slot(element, "entries"), found.slice(0, MOST_SHOWN).map(entryItem));
    const waiting = rows.filter(({ entry }) => entry.unanswered).length;
    fill(element, {
      count: rows.length ? t("today.count", { n: rows.length, waiting }) : null,
      empty: found.length ? null : t(rows.length ? "today.nothing" : "today.empty"),
      pictures: picturesText(problems),
      cut: found.length > MOST_SHOWN ? t("today.more", { n: MOST_SHOWN }) : null,
    });
  };
  const load = async () => {
    [rows, problems] = await Promise.all([todaysRows(), pictureProblems()]);
    drawHours(element, rows);
    draw();
  };
  search.addEventListener("input", draw);
  on(element, "back", () => show("scan"));
  load();
  return { element, takesCodes: true, changed: (_, changes) => ("pending" in changes || "pictures" in changes) && load() };
}

/** What is to be said about photos and signatures that the portal does not hold. @param {string[]} problems codes of refusals */
function picturesText(problems) {
  if (!state.pictures) return null;
  return [t("line.pictures", { n: state.pictures }), ...problems.map((code) => t(`pictures.${code}`))].join(t("sentence"));
}

/** Newest first, with names where the data still has them. */
async function todaysRows() {
  const entries = (await entriesSince(new Date(now()).setHours(0, 0, 0, 0))).sort(inOrder);
  const refs = [...new Set(entries.map((entry) => entry.student).filter(Boolean))];
  const students = new Map(await Promise.all(refs.map(async (ref) => [ref, await studentByRef(ref)])));
  const { snapshot, shifts = [] } = await readMeta("snapshot", "shifts");
  const staff = new Map([...shifts.map(({ operator }) => operator), ...(snapshot?.operators ?? [])].map(({ id, name }) => [id, name]));
  const undone = new Set(entries.map(({ payload }) => payload.act === "undo" && payload.target));
  return entries.reverse().map((entry) => {
    const student = students.get(entry.student);
    const step = snapshot?.steps.find(({ code }) => code === entry.step) ?? null;
    const stepName = step ? named(step.name) : entry.step ?? "";
    const name = student?.name ?? t(entry.student ? "today.unknown" : "today.nobody");
    const by = staff.get(entry.payload.operator) ?? t("colleague");
    const text = [name, student?.number, stepName, by].join(" ").toLowerCase();
    return { entry, name, number: student?.number ?? "", step, stepName, by, text, undone: undone.has(entry.id) };
  });
}

/** As they were made, whatever the clock said meanwhile; those of an earlier enrolment come first. */
function inOrder(one, other) {
  if (one.device === other.device) return one.seq - other.seq;
  if (one.device === state.device.device) return 1;
  return other.device === state.device.device ? -1 : one.device < other.device ? -1 : 1;
}

function entryItem({ entry, name, number, step, stepName, by, undone }) {
  const item = clone("t-entry");
  const { act } = entry.payload;
  const photos = entry.payload.attachments?.length ?? 0;
  const outcome = entry.unanswered ? "waiting" : entry.answer.outcome;
  Object.assign(item.dataset, { act, outcome, seq: entry.seq, undone: undone ? "yes" : "no" });
  fill(item, {
    time: clockTime(entry.made), name, number, icon: ICONS[act], step: stepName, by,
    act: undone ? t("today.undone", { act: t(`done.${act}`) }) : t(`done.${act}`), sent: t(`sent.${outcome}`),
    said: whyAndHowMuch(entry.payload, step), photos: photos ? `· ${t("today.photos", { n: photos })}` : null,
  });
  const mine = undoLeft(entry) > 0;
  const button = item.querySelector('[data-action="undo"]');
  button.hidden = undone || !isUndoable(entry) || !mine;
  button.addEventListener("click", () => takeBack(entry, name, step), { once: true });
  const other = item.querySelector('[data-action="ask-undo"]');
  other.hidden = undone || !isUndoable(entry) || mine;
  other.addEventListener("click", () => show("approve", { entry, name, step }));
  return item;
}

function whyAndHowMuch({ act, reason, amount }, step) {
  const why = SAYS_WHY.has(act) && reason ? describe(reason, step ?? {}) : null;
  return [why, amount === null ? null : yuan(amount)].filter(Boolean).join(" · ") || null;
}

/** What may be handed out here with no network: each step with its classes. */
function custodyWord(snapshot, letGo) {
  const held = (snapshot?.custody ?? []).filter(({ id }) => !letGo.includes(id));
  const steps = (snapshot?.steps ?? []).filter(({ code }) => held.some((one) => one.step === code));
  const classesOf = (code) => held.filter((one) => one.step === code).map((one) => one.class).join(", ");
  return steps.map((step) => `${named(step.name)}: ${classesOf(step.code)}`).join("; ") || t("about.custody.none");
}

export function about() {
  const element = clone("t-about");
  const load = async () => {
    const { device } = state;
    const [{ head, fresh, snapshot, letGo = [] }, waiting, students, offline, persisted, problems] = await Promise.all([
      readMeta("head", "fresh", "snapshot", "letGo"), countOutbox(device.device), countStudents(), startsOffline(),
      navigator.storage?.persisted?.() ?? false, pictureProblems(),
    ]);
    const data = fresh ? t("about.data.rows", { n: students, ago: ago(now() - fresh) }) : t("about.data.none");
    fill(element, {
      name: device.name, mark: device.device.slice(-4), station: stationName(device.station), device: device.device, data, version: state.version,
      custody: custodyWord(snapshot, letGo), entries: t("about.entries.count", { n: head.seq, waiting }),
      pictures: picturesText(problems) ?? t("about.pictures.none"),
      offline: t(offline ? "about.offline.yes" : "about.offline.no"), persist: t(persisted ? "about.persist.yes" : "about.persist.no"),
      awake: t(canStayAwake() ? "about.awake.yes" : "about.awake.no"),
    });
    slot(element, "offline").dataset.ready = offline ? "yes" : "no";
    slot(element, "persist").dataset.granted = persisted ? "yes" : "no";
  };
  on(element, "back", () => show("scan"));
  on(element, "export", async () => fill(element, { problem: (await saveJournal()) ? null : t("about.export.none") }));
  on(element, "reset", () => show("reset"));
  load();
  return { element, changed: (_, changes) => ("pending" in changes || "pictures" in changes) && load() };
}
