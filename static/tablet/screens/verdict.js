/** One graduate in front of the desk: word, icon and colour for each step, and what can be done about it. */

import { offers } from "../acts.js";
import { act, lookAgain } from "../desk.js";
import { clone, fill, on, part, slot } from "../dom.js";
import { ago, dayAndTime, named, t } from "../i18n.js";
import { inOrder } from "../lines.js";
import { describe } from "../reasons.js";
import { isOnTheWay, show } from "../screens.js";
import { now, state } from "../state.js";

const ICONS = {
  "may-clear": "check", "may-collect": "hand", blocked: "wait", held: "stop", conflict: "fork", unknown: "unknown",
  submitted: "wait", "not-open": "wait", "not-applicable": "dash", "already-cleared": "done", "already-collected": "stop",
  "not-in-data": "unknown", "ask-portal": "wait", "data-old": "wait", "custody-elsewhere": "stop",
};
const ASKS = ["ask-portal", "data-old", "custody-elsewhere"];
const TOLD_TO_PROXIES = new Set(["may-clear", "may-collect", "not-applicable", "already-cleared", "already-collected", ...ASKS]);

/** @param {import("../lookup.js").Look} look */
export function verdict(look) {
  const element = clone("t-verdict");
  fillWho(element, look);
  const lines = shownLines(look);
  const single = lines.length === 1;
  slot(element, "lines").replaceChildren(...lines.map((line) => lineElement(look, line)));
  element.dataset.verdict = single ? lines[0].verdict.code : "several";
  element.dataset.tone = single ? lines[0].verdict.tone : "several";
  if (look.student) element.dataset.student = look.student.number;
  fill(element, { onward: onward() });
  const draw = () => fill(element, { "as-of": look.fresh ? t("as-of", { ago: ago(now() - look.fresh) }) : t("as-of.never") });
  draw();
  on(element, "back", () => show("scan"));
  return { element, changed: draw, takesCodes: true };
}

/** Where the way leads from somebody: to the next card, or to the room that is being gone through. */
export const onward = () => t(isOnTheWay() ? "next.room" : "next");

/** Who stands here: large, to compare with the ID card. @param {HTMLElement} element with the slots of `.who` */
export function fillWho(element, { student, typed, via, lines }) {
  const proxy = lines.find((line) => line.verdict.proxy)?.verdict.proxy ?? null;
  part(element, "who") && (part(element, "who").hidden = !student && !typed);
  fill(element, {
    "who-label": proxy && t("note.graduate"), name: student?.name ?? "", number: student?.number ?? typed ?? "",
    ...(slot(element, "more") && { more: student && [student.college, student.class, student.room && t("note.room", { room: student.room })].filter(Boolean).join(" · ") }),
    ...(slot(element, "typed") && { typed: via !== "scan" && student ? t(via === "typed" ? "note.typed" : "note.chosen") : null }),
  });
  part(element, "proxy").hidden = !proxy;
  if (!proxy) return;
  const also = proxy.also?.length ? t("note.proxy-also", { names: proxy.also.join(t("comma")) }) : null;
  fill(element, { "proxy-name": proxy.name, "proxy-tail": t("note.id-tail", { tail: proxy.id_tail }), "proxy-also": also });
}

/** What is wrong with the card is said once, not for each step. */
const isOfTheCard = ({ lines }) => lines.every(({ verdict }) => verdict.tone === "violet" && verdict.code === lines[0].verdict.code);

const shownLines = (look) => (isOfTheCard(look) ? [look.lines[0]] : inOrder(look.lines));

function lineElement(look, line) {
  const { step, verdict: given } = line;
  const hidden = given.proxy && !TOLD_TO_PROXIES.has(given.code);
  const element = clone("t-verdict-line");
  Object.assign(element.dataset, { verdict: given.code, tone: given.tone, step: step.code });
  fill(element, {
    step: isOfTheCard(look) && look.lines.length > 1 ? null : named(step.name),
    icon: ICONS[given.code] ?? "card",
    word: t(hidden ? "verdict.cannot" : `verdict.${given.code}`),
    explain: hidden ? t("explain.cannot") : explain(look, given, step),
  });
  fillList(slot(element, "missing"), hidden ? [] : (given.blocked_by ?? []).map((code) => stepName(look, code)));
  fillList(slot(element, "notes"), hidden ? [] : notes(look, line));
  slot(element, "acts").replaceChildren(...offers(line, state.operator).map((offer) => actButton(look, line, offer)));
  const again = element.querySelector('[data-action="ask-again"]');
  again.hidden = !ASKS.includes(given.code) || look.asking === "now";
  again.addEventListener("click", () => lookAgain(look), { once: true });
  return element;
}

function explain(look, given, step) {
  if (look.asking === "now" && ASKS.includes(given.code)) return t("explain.asking");
  if (given.code === "custody-elsewhere") return t("explain.custody-elsewhere", { tablet: look.asked?.elsewhere[step.code]?.tablet ?? "" });
  if (given.code === "conflict") return t(state.operator.role === "supervisor" ? "explain.conflict.supervisor" : "explain.conflict");
  if (given.code === "not-open") return t("explain.not-open", { when: dayAndTime(step.opens) });
  const key = look.via === "typed" && given.code === "not-in-data" ? "explain.not-in-data.typed" : `explain.${given.code}`;
  return t(key) === key ? null : t(key);
}

function notes({ snapshot }, { verdict: given, step, cell, notes: written }) {
  const told = cell?.by_name && { id: cell.by, name: cell.by_name }; // who works elsewhere is in nobody's list here
  const nameOf = (staff) => [...snapshot.operators, told].find((one) => one?.id === staff)?.name;
  const who = given.by && nameOf(given.by);
  return [
    given.reason && t("note.reason", { reason: describe(given.reason, step) }),
    given.conflict && t("note.conflict", { what: sides(given.conflict) }),
    given.code !== "may-clear" && given.code !== "may-collect" && given.as_of
      && (who ? t("note.by", { who, when: dayAndTime(given.as_of) }) : dayAndTime(given.as_of)),
    given.newer && t("note.newer"),
    given.late && t("note.late", { when: dayAndTime(step.closes) }),
    ...written.map(({ payload, made }) => t("note.written", { text: payload.reason, who: nameOf(payload.operator) ?? t("colleague"), when: dayAndTime(made) })),
  ].filter(Boolean);
}

/** What disagrees, in words: "cleared / held". */
function sides(conflict) {
  const key = `conflict.${conflict}`;
  return t(key) === key ? conflict.split("-vs-").map((act) => t(`side.${act}`)).join(" / ") : t(key);
}

function stepName({ snapshot }, code) {
  const step = snapshot.steps.find((one) => one.code === code);
  return step ? named(step.name) : code;
}

function fillList(list, texts) {
  list.hidden = !texts.length;
  list.replaceChildren(...texts.map((text) => Object.assign(clone("t-item"), { textContent: text })));
}

function actButton(look, line, { act: name, label, main }) {
  const button = clone("t-act");
  button.textContent = t(label);
  button.className = main ? "primary confirm" : "";
  button.dataset.action = { clear: "confirm", collect: "compare", hold: "hold", note: "note", refuse: "refuse" }[name];
  button.addEventListener("click", () => {
    if (name === "collect") return show("compare", { look, line });
    if (name === "hold" || name === "note") return show(name, { look, line });
    button.disabled = true; // one tap, one entry
    return act(look, line, name);
  }, { once: true });
  return button;
}

