/** Undoing what only a supervisor may still undo: one who is on shift here enters the PIN, and whoever works goes on working. */

import { takeBack } from "../desk.js";
import { clone, fill, on, slot } from "../dom.js";
import { clockTime, named, t } from "../i18n.js";
import { show } from "../screens.js";
import { isBlocked, openShifts } from "../shifts.js";
import { readMeta } from "../store.js";

const SUPERVISOR = "supervisor";

/** @param {{entry: import("../store.js").Kept, name: string, step: object | null}} args */
export function approve(args) {
  const element = clone("t-approve");
  fill(element, { name: args.name, what: whatWasDone(args) });
  const load = async () => {
    const { snapshot } = await readMeta("snapshot");
    const supervisors = (snapshot?.operators ?? []).filter(({ role }) => role === SUPERVISOR);
    const here = (await openShifts()).filter((shift) => shift.operator.role === SUPERVISOR && !isBlocked(shift));
    const others = supervisors.filter(({ id }) => !here.some(({ operator }) => operator.id === id)).map((one) => one.name);
    slot(element, "people").replaceChildren(...here.map((shift) => supervisorItem(shift, args)));
    fill(element, {
      text: t(here.length ? "approve.here" : "approve.nobody"),
      others: others.length ? t("approve.others", { names: others.join(t("comma")) }) : null,
    });
    element.dataset.ready = "yes";
  };
  on(element, "back", () => show("today"));
  load();
  return { element };
}

const whatWasDone = ({ entry, step }) => (
  [t(`done.${entry.payload.act}`), step && named(step.name), clockTime(entry.made)].filter(Boolean).join(" · ")
);

function supervisorItem(shift, args) {
  const item = clone("t-person");
  fill(item, { name: shift.operator.name, role: t("operator.on-shift") });
  item.querySelector("button").dataset.operator = shift.operator.id;
  on(item, "choose", () => show("unlock", {
    id: shift.id, title: "approve.pin", what: () => whatWasDone(args), back: () => show("approve", args),
    instead: ({ id, operator }) => takeBack(args.entry, args.name, args.step, { ...operator, shift: id }),
  }));
  return item;
}
