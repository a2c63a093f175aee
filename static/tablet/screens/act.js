/** Between a verdict and its entry, and after it: comparing, holding, noting, done, not recorded. */

import { undoLeft } from "../acts.js";
import { act, lookAgain, takeBack } from "../desk.js";
import { clone, fill, on, onSubmit, part, slot } from "../dom.js";
import { named, t } from "../i18n.js";
import { fenOf, reasonOf, yuan } from "../reasons.js";
import { show } from "../screens.js";
import { takePhotos } from "./photos.js";
import { undoWord } from "./scan.js";
import { fillWho } from "./verdict.js";

const BACK_AFTER_MS = 6_000;
const ICONS = { clear: "done", collect: "done", hold: "stop", undo: "undo", refuse: "card", note: "list" };

/**
 * A thing is handed over once: name and ID card are compared first, and said to be. Where the step takes money, so is how much.
 * @param {{look: object, line: object, typed?: string}} args
 */
export function compare({ look, line, typed = "" }) {
  const element = clone("t-compare");
  fillWho(element, { ...look, lines: [line] });
  fill(element, { step: named(line.step.name), text: t(line.verdict.proxy ? "compare.proxy" : "compare.text") });
  on(element, "cancel", () => show("verdict", look));
  if (line.step.signed) fill(element, { confirm: t("compare.confirm.sign") });
  const field = element.querySelector('[name="amount"]');
  part(element, "amount").hidden = !line.step.money;
  field.value = typed;
  let sent = false;
  on(element, "confirm", () => {
    const amount = line.step.money ? paidOut(field.value) : null;
    fill(element, { problem: amount === undefined ? t("compare.amount.wrong") : null });
    if (amount === undefined) field.focus();
    if (amount === undefined || sent) return;
    sent = true; // one entry, however often it is tapped
    if (line.step.signed) show("sign", { look, line, amount, typed: field.value });
    else act(look, line, "collect", { amount });
  });
  return { element };
}

/** What leaves the desk is always recorded, nothing too. @param {string} typed yuan @returns {number | undefined} fen */
const paidOut = (typed) => (/^\s*0+([.．]0{0,2})?\s*$/.test(typed) ? 0 : fenOf(typed) ?? undefined);

/** @param {{look: object, line: object}} args */
export function hold({ look, line }) {
  const element = clone("t-hold");
  fill(element, { name: look.student.name, step: named(line.step.name) });
  const reasons = [...(line.step.reasons ?? []), { code: "", zh: t("hold.other"), en: t("hold.other") }];
  slot(element, "reasons").replaceChildren(...reasons.map(reasonChoice));
  const photos = takePhotos(element);
  on(element, "cancel", () => show("verdict", look));
  let sent = false;
  onSubmit(element, "hold", async (data) => {
    const reason = reasonOf(String(data.get("reason") ?? "") || null, String(data.get("text")));
    const amount = fenOf(String(data.get("amount")));
    const problem = reason === null ? "hold.missing" : amount === undefined ? "hold.amount.wrong" : null;
    fill(element, { problem: problem && t(problem) });
    if (problem || sent) return;
    sent = true; // one entry, however often it is tapped
    act(look, line, "hold", { reason, amount, attachments: await photos.attachments() });
  });
  return { element, leave: photos.leave };
}

/** Words about one step of a graduate that decide nothing. @param {{look: object, line: object}} args */
export function note({ look, line }) {
  const element = clone("t-note");
  fill(element, { name: look.student.name, step: named(line.step.name) });
  const photos = takePhotos(element);
  on(element, "cancel", () => show("verdict", look));
  let sent = false;
  onSubmit(element, "note", async (data) => {
    const reason = String(data.get("text")).trim() || null;
    fill(element, { problem: reason ? null : t("note.missing") });
    if (!reason || sent) return;
    sent = true;
    act(look, line, "note", { reason, attachments: await photos.attachments() });
  });
  return { element, leave: photos.leave };
}

function reasonChoice(reason) {
  const choice = clone("t-reason");
  choice.querySelector("input").value = reason.code;
  fill(choice, { label: named(reason) });
  return choice;
}

/** What was recorded; the way back from it for two minutes. @param {{entry: object, step: object | null, name: string, look: object | null}} args */
export function done({ entry, step, name, look }) {
  const element = clone("t-done");
  const kind = entry.payload.act;
  element.dataset.act = kind;
  element.dataset.seq = String(entry.seq);
  fill(element, { icon: ICONS[kind], word: t(`done.${kind}`), name, step: step ? named(step.name) : "", safe: t("done.safe") });
  fill(element, { amount: entry.payload.amount === null ? null : yuan(entry.payload.amount) });
  const undoButton = element.querySelector('[data-action="undo"]');
  const draw = () => {
    const left = undoLeft(entry);
    undoButton.hidden = left <= 0;
    fill(undoButton, { undo: left > 0 ? undoWord(left) : null });
  };
  draw();
  onceOn(element, "undo", () => takeBack(entry, name, step));
  on(element, "next", () => show("scan"));
  const more = element.querySelector('[data-action="more"]');
  more.hidden = !look?.student || look.lines.length < 2;
  on(element, "more", () => lookAgain(look));
  const clock = setInterval(draw, 1_000);
  const back = more.hidden ? setTimeout(() => show("scan"), BACK_AFTER_MS) : null;
  const leave = () => {
    clearInterval(clock);
    clearTimeout(back);
  };
  return { element, leave, takesCodes: true };
}

/** Nothing was kept, and the screen says so. @param {{code: string, name: string, retry: () => void, without: (() => void) | null}} args */
export function notRecorded({ code, name, retry, without }) {
  const element = clone("t-not-recorded");
  element.dataset.problem = code;
  fill(element, { name, text: t(`not-recorded.${code}`) });
  element.querySelector('[data-action="retry"]').hidden = ["too-late", "changed", "not-ours"].includes(code);
  onceOn(element, "retry", retry);
  element.querySelector('[data-action="without-photos"]').hidden = !without || code !== "disk-full";
  onceOn(element, "without-photos", without ?? (() => {}));
  on(element, "back", () => show("scan"));
  return { element };
}

function onceOn(element, action, handler) {
  element.querySelector(`[data-action="${action}"]`).addEventListener("click", handler, { once: true });
}

