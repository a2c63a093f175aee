/** What a room looks like: its inspection, its damages, its residents, and the bar under the thumb. */

import { undoLeft } from "../acts.js";
import { clone, fill, on, part, slot } from "../dom.js";
import { cleanRoom, untouched } from "../drafts.js";
import { clockTime, dayAndTime, named, t } from "../i18n.js";
import { describe, yuan } from "../reasons.js";
import { damageName } from "../rounds.js";
import { mayPay, outcomes, shares, unshared } from "../rules/round.js";
import { aside } from "../walk.js";
import { progress, roomName } from "./rounds.js";
import { undoWord } from "./scan.js";

const ICONS = { held: "stop", conflict: "fork", "already-cleared": "done", "not-applicable": "dash" };
const ACTS = ["clear", "hold", "note"];

/** @typedef {import("./room.js").Model} Model */

/** @param {HTMLElement} element @param {Model} model */
export function drawRoom(element, model) {
  const { step, people, draft, supervisor } = model;
  const open = people.some((one) => mayPay(one, supervisor));
  const concerned = people.filter(({ code }) => code !== "not-applicable");
  const [done, held] = [["already-cleared"], ["held", "conflict"]].map((codes) => concerned.filter(({ code }) => codes.includes(code)).length);
  fill(element, {
    sum: concerned.length ? progress(concerned.length, done, held) : null, empty: people.length ? null : t("room.empty"),
    since: draft.since && open ? t("room.since", { when: dayAndTime(draft.since) }) : null,
  });
  const left = draft.damages.length > 0 || people.some((one) => isLeft(one));
  part(element, "work").hidden = !open;
  part(element, "inspection").hidden = !left;
  element.querySelector('[data-action="all-keys"]').hidden = !step.rounds.key || !people.some(({ code }) => code === "may-clear");
  slot(element, "inspection").replaceChildren(...step.rounds.inspection.map((one) => checkElement(model, one)));
  slot(element, "damages").replaceChildren(...draft.damages.map((one) => damageElement(model, one)));
  const results = outcomes(people, draft, step.rounds);
  slot(element, "residents").replaceChildren(...people.map((one, i) => residentElement(model, one, results[i])));
  drawBar(element, model, results, left);
  drawTold(element, model.told);
}

/** Whether something may still be decided about them by a round. */
const isLeft = (person) => mayPay(person, false) && person.code !== "held";

/** The large button: one tap for a clean room, else what it would record; the way on where nothing is left to do. */
function drawBar(element, { step, people, draft, next, busy, supervisor, told }, results, left) {
  const clean = untouched(draft);
  const shown = clean ? outcomes(people, cleanRoom(draft, people, step), step.rounds) : results;
  const broken = unshared(draft, people, supervisor).length > 0;
  const will = counted(shown, ({ act }) => act, "room.will");
  const ready = will !== "" && !broken;
  const confirm = element.querySelector('[data-action="confirm"]');
  confirm.hidden = !left;
  confirm.disabled = !ready || busy;
  const word = clean ? (step.rounds.key ? "room.clean.keys" : "room.clean") : "room.confirm";
  fill(element, { confirm: t(ready ? word : "room.look"), "bar-will": ready ? t("room.will", { what: will }) : null, "bar-problem": broken ? t("room.unshared") : null });
  const onward = element.querySelector('[data-action="next-room"]');
  onward.hidden = !next || (left && !told.length);
  onward.classList.toggle("primary", !left);
  if (next) fill(element, { next: t("rounds.next", { room: roomName(next.place) }) });
}

/** What was recorded here last, and the way back from it while there is one. @param {import("../store.js").Kept[]} made */
export function drawTold(element, made) {
  part(element, "told").hidden = !made.length;
  part(element, "told").dataset.seq = made.at(-1)?.seq ?? "";
  if (!made.length) return;
  const left = made.filter(({ payload }) => payload.act !== "note").map((entry) => undoLeft(entry)).filter((ms) => ms > 0);
  fill(element, { told: `${t("done.safe")} ${counted(made, ({ payload }) => payload.act, "room.did")}` });
  const button = element.querySelector('[data-action="undo"]');
  button.hidden = !left.length;
  if (left.length) fill(button, { undo: undoWord(Math.min(...left)) });
}

function counted(all, actOf, key) {
  const counts = ACTS.map((act) => [act, all.filter((one) => actOf(one) === act).length]).filter(([, n]) => n);
  return counts.map(([act, n]) => t(`${key}.${act}`, { n })).join(" · ");
}

function checkElement({ draft, change }, { code, ...names }) {
  const item = clone("t-check");
  const name = named(names);
  item.dataset.check = code;
  fill(item, { name });
  for (const [action, fine] of [["fine", true], ["wrong", false]]) {
    const button = item.querySelector(`[data-action="${action}"]`);
    button.setAttribute("aria-pressed", String(draft.checks[code] === fine));
    button.setAttribute("aria-label", `${name}: ${t(`room.${action}`)}`);
    button.addEventListener("click", () => change({ checks: { ...draft.checks, [code]: fine } }));
  }
  return item;
}

function damageElement({ step, people, draft, change, supervisor }, damage) {
  const item = clone("t-room-damage");
  const by = shares(damage, people);
  const who = people.filter(({ ref }) => by.has(ref)).map(({ ref, look }) => `${look.student.name} ${yuan(by.get(ref))}`);
  const broken = unshared({ damages: [damage] }, people, supervisor).length > 0;
  const name = damageName(damage, step.rounds);
  fill(item, {
    name, amount: yuan(damage.amount), who: who.join(t("round.and")), problem: broken ? t("room.unshared.one") : null,
    photos: damage.photos.length ? t("damage.photos", { n: damage.photos.length }) : null,
  });
  item.querySelector("button").setAttribute("aria-label", t("room.remove", { name }));
  on(item, "remove", () => change({ damages: draft.damages.filter(({ id }) => id !== damage.id) }));
  return item;
}

function residentElement(model, person, outcome) {
  const { code, look: { student }, line: { step, verdict }, last } = person;
  const item = clone("t-resident");
  const open = isLeft(person);
  Object.assign(item.dataset, { student: student.number, verdict: code, tone: verdict.tone, will: outcome.act ?? "" });
  const noted = last?.payload.act === "note" && open ? t("room.noted", { when: clockTime(last.made) }) : null;
  fill(item, {
    name: student.name, number: student.number, icon: ICONS[code] ?? "wait", will: willWord(outcome),
    state: t(code === "may-clear" ? "room.open" : `verdict.${code}`), reason: (code === "held" && verdict.reason && describe(verdict.reason, step)) || noted,
  });
  toggle(model, item, "key", person, "keys", Boolean(model.step.rounds.key) && code === "may-clear");
  toggle(model, item, "out", person, "out", open);
  const more = item.querySelector('[data-action="more"]');
  more.setAttribute("aria-label", t("room.more", { name: student.name }));
  more.addEventListener("click", () => aside(model.where, person.look));
  return item;
}

function toggle({ draft, change }, item, action, { ref, look }, list, offered) {
  const button = item.querySelector(`[data-action="${action}"]`);
  const chosen = draft[list].includes(ref);
  button.hidden = !offered;
  button.setAttribute("aria-pressed", String(chosen));
  button.setAttribute("aria-label", `${t(`room.${action}`)}: ${look.student.name}`);
  button.addEventListener("click", () => change({ [list]: chosen ? draft[list].filter((one) => one !== ref) : [...draft[list], ref] }));
}

function willWord({ act, why, amount }) {
  if (act === "hold") return amount ? t("room.hold.amount", { amount: yuan(amount) }) : t("room.hold");
  if (act === "note") return t(why === "key" ? "room.note.key" : "room.note");
  return act === "clear" ? t("room.clear") : null;
}
