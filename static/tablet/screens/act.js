/** Between a verdict and its entry, and after it: comparing, holding, noting, done, not recorded. */

import { undoLeft } from "../acts.js";
import { act, lookAgain, once, takeBack } from "../desk.js";
import { checked, clone, fill, on, onSubmit, part, slot } from "../dom.js";
import { named, t } from "../i18n.js";
import { fenOf, paidOut, reasonOf, yuan } from "../reasons.js";
import { show } from "../screens.js";
import { forgetWords, keepWords } from "../words.js";
import { takePhotos } from "./photos.js";
import { undoWord } from "./scan.js";
import { fillWho, onward } from "./verdict.js";

const BACK_AFTER_MS = 6_000;
const ICONS = { clear: "done", collect: "done", hold: "stop", undo: "undo", refuse: "card", note: "list" };

/**
 * A thing is handed over once: name and ID card are compared first, and said to be. Where the step takes money, so is how much.
 * @param {{look: object, line: object, typed?: string}} args
 */
export function compare({ look, line, typed = "" }) {
  const element = clone("t-compare");
  const field = element.querySelector('[name="amount"]');
  const amount = () => (line.step.money ? paidOut(field.value) : null);
  const check = checked(element, () => (amount() === undefined ? t("compare.amount.wrong") : null));
  const say = () => {
    fillWho(element, { ...look, lines: [line] });
    fill(element, { step: named(line.step.name), text: t(line.verdict.proxy ? "compare.proxy" : "compare.text") });
    if (line.step.signed) fill(element, { confirm: t("compare.confirm.sign") });
    check.draw();
  };
  say();
  on(element, "cancel", () => show("verdict", look));
  part(element, "amount").hidden = !line.step.money;
  field.value = typed;
  const record = once((paid) => act(look, line, "collect", { amount: paid }));
  on(element, "confirm", () => {
    if (!check.isFine()) return field.focus();
    if (line.step.signed) return show("sign", { look, line, amount: amount(), typed: field.value });
    return record(amount());
  });
  return { element, say };
}

/** @param {{look: object, line: object}} args */
export function hold({ look, line }) {
  const element = clone("t-hold");
  const form = element.querySelector("form");
  const choices = [...(line.step.reasons ?? []), null].map(reasonChoice); // none of the plan's stands last
  slot(element, "reasons").replaceChildren(...choices.map(({ choice }) => choice));
  const photos = takePhotos(element);
  const typed = () => {
    const data = new FormData(form);
    return { reason: reasonOf(String(data.get("reason") ?? "") || null, String(data.get("text"))), amount: fenOf(String(data.get("amount"))) };
  };
  const check = checked(element, () => {
    const { reason, amount } = typed();
    return reason === null ? t("hold.missing") : amount === undefined ? t("hold.amount.wrong") : null;
  });
  const say = () => {
    fill(element, { name: look.student.name, step: named(line.step.name) });
    for (const { choice, reason } of choices) fill(choice, { label: reason ? named(reason) : t("hold.other") });
    photos.say();
    check.draw();
  };
  say();
  const about = `hold ${look.student.ref} ${line.step.code}`;
  keepWords(form, about);
  on(element, "cancel", () => giveUp(about, look));
  const record = once(async () => act(look, line, "hold", { ...typed(), attachments: await photos.attachments() }));
  onSubmit(element, "hold", () => check.isFine() && record());
  return { element, say, leave: photos.leave };
}

/** Words about one step of a graduate that decide nothing. @param {{look: object, line: object}} args */
export function note({ look, line }) {
  const element = clone("t-note");
  const field = element.querySelector("textarea");
  const photos = takePhotos(element);
  const check = checked(element, () => (field.value.trim() ? null : t("note.missing")));
  const say = () => {
    fill(element, { name: look.student.name, step: named(line.step.name) });
    photos.say();
    check.draw();
  };
  say();
  const about = `note ${look.student.ref} ${line.step.code}`;
  keepWords(element.querySelector("form"), about);
  on(element, "cancel", () => giveUp(about, look));
  const record = once(async () => act(look, line, "note", { reason: field.value.trim(), attachments: await photos.attachments() }));
  onSubmit(element, "note", () => check.isFine() && record());
  return { element, say, leave: photos.leave };
}

function giveUp(about, look) {
  forgetWords(about);
  show("verdict", look);
}

function reasonChoice(reason) {
  const choice = clone("t-reason");
  choice.querySelector("input").value = reason?.code ?? "";
  return { choice, reason };
}

/** What was recorded; the way back from it for two minutes. @param {{entry: object, step: object | null, name: string, look: object | null}} args */
export function done({ entry, step, name, look }) {
  const element = clone("t-done");
  const kind = entry.payload.act;
  element.dataset.act = kind;
  element.dataset.seq = String(entry.seq);
  fill(element, { icon: ICONS[kind], word: t(`done.${kind}`), name, step: step ? named(step.name) : "", safe: t("done.safe"), onward: onward() });
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

