/** Who works here: choosing a person, beginning a shift with a password, choosing its PIN. */

import { Refused, Unreachable } from "../api.js";
import { checked, clone, fill, on, onSubmit, part, putItems, slot } from "../dom.js";
import { t } from "../i18n.js";
import { lockNow } from "../lock.js";
import { pinProblem } from "../pin.js";
import { show } from "../screens.js";
import { abandon, choosePin, isBlocked, openShifts, signIn } from "../shifts.js";
import { state } from "../state.js";
import { readMeta } from "../store.js";

const SEARCH_FROM = 9; // people; fewer are found by looking
const TOLD = new Set(["shift-sign-in-wrong", "account-disabled", "not-at-this-station", "station-closed"]);

/** Whose turn it is, and who may take it. @param {{said?: string}} [args] what to say first */
export function operator({ said = "" } = {}) {
  const element = clone("t-operator");
  const search = element.querySelector("input");
  let people = [];
  abandon();
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = people.filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(wanted));
    putItems(slot(element, "people"), found.map(personItem));
  };
  const load = async () => {
    const { snapshot, resting } = await readMeta("snapshot", "resting");
    const shifts = await openShifts();
    people = together(snapshot?.operators ?? [], shifts);
    const waiting = state.online === false ? "operator.offline" : resting ? "operator.text" : "operator.loading";
    fill(element, { said, text: t(snapshot || people.length ? "operator.text" : waiting), turn: state.operator?.name ?? null });
    fill(element, { persist: state.persisted === false ? t("operator.persist") : null });
    part(element, "turn").hidden = !state.operator || state.locked;
    element.querySelector('[data-action="back"]').hidden = !state.operator;
    part(element, "search").hidden = people.length < SEARCH_FROM;
    draw();
    element.dataset.ready = "yes";
  };
  search.addEventListener("input", draw);
  on(element, "back", () => show("scan"));
  on(element, "end", () => show("end"));
  on(element, "lock-now", lockNow);
  on(element, "other", () => show("sign-in"));
  load();
  return { element, changed: (_, changes) => ["hasData", "online", "persisted"].some((name) => name in changes) && load() };
}

/** Those who may work here and those who do, each once. */
function together(operators, shifts) {
  const known = new Set(operators.map(({ id }) => id));
  const all = [...operators, ...shifts.map((shift) => shift.operator).filter(({ id }) => !known.has(id))];
  return all.map((person) => ({ ...person, shift: shifts.find((shift) => shift.operator.id === person.id) ?? null }));
}

function personItem(person) {
  const item = clone("t-person");
  const { shift } = person;
  const role = t(`role.${person.role}`);
  const plain = role.startsWith("role.") ? null : role;
  fill(item, { name: person.name, role: shift ? t(isBlocked(shift) ? "operator.blocked" : "operator.on-shift") : plain });
  const button = item.querySelector("button");
  button.dataset.operator = person.id;
  if (shift) button.dataset.shift = isBlocked(shift) ? "blocked" : "open";
  on(item, "choose", () => {
    if (!shift || isBlocked(shift)) show("sign-in", person);
    else if (shift.id === state.operator?.shift && !state.locked) show("scan");
    else show("unlock", { id: shift.id });
  });
  return item;
}

/** @param {{id: string, name: string}} [person] whoever was chosen from the list; else the staff number is typed */
export function signingIn(person) {
  const element = clone("t-sign-in");
  const button = element.querySelector('[data-action="sign-in"]');
  const number = element.querySelector('[name="operator"]');
  number.value = person?.id ?? "";
  part(element, "operator").hidden = Boolean(person);
  fill(element, { name: person?.name ?? null });
  const password = element.querySelector('[name="password"]');
  const check = checked(element, () => (number.value.trim() && password.value ? null : t(person ? "sign-in.no-password" : "sign-in.empty")));
  if (state.online === false) check.say(() => t("sign-in.offline"));
  on(element, "cancel", () => show("operator"));
  onSubmit(element, "sign-in", async () => {
    if (!check.isFine() || button.disabled) return;
    button.disabled = true;
    try {
      const begun = await signIn(number.value.trim(), password.value);
      if (element.isConnected) show("choose-pin", begun);
      else await abandon();
    } catch (error) {
      password.value = "";
      check.say(() => signInProblem(error));
      button.disabled = false;
    }
  });
  return { element, say: check.draw };
}

function signInProblem(error) {
  if (error instanceof Unreachable) return t("sign-in.offline");
  if (!(error instanceof Refused)) return t("sign-in.storage");
  if (error.status === 429) return t("sign-in.too-many");
  return TOLD.has(error.code) ? t(`sign-in.${error.code}`) : t("enrol.refused", { message: error.message || error.code });
}

/** @param {{id: string, operator: {id: string, name: string}}} begun */
export function chooseAPin(begun) {
  const element = clone("t-choose-pin");
  const button = element.querySelector('[data-action="choose-pin"]');
  fill(element, { name: begun.operator.name });
  const [pin, again] = ["pin", "again"].map((name) => element.querySelector(`[name="${name}"]`));
  const check = checked(element, () => {
    const problem = pinProblem(pin.value) ?? (pin.value === again.value ? null : "differ");
    return problem && t(`pin.${problem}`);
  });
  on(element, "cancel", () => show("operator"));
  onSubmit(element, "choose-pin", async () => {
    if (!check.isFine() || button.disabled) return;
    button.disabled = true;
    try {
      show((await choosePin(begun, pin.value)) ? "scan" : "operator");
    } catch {
      check.say(() => t("sign-in.storage"));
      button.disabled = false;
    }
  });
  return { element, say: check.draw };
}

/** Somebody is on shift and the data is on its way. */
export function loading() {
  const element = clone("t-loading");
  const draw = () => fill(element, { text: t(state.online === false ? "operator.offline" : "operator.loading") });
  draw();
  return { element, changed: () => (state.hasData ? show("scan") : draw()) };
}
