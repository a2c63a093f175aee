/** The locked tablet, taking a turn, a supervisor's word: a PIN, checked here, slower after each wrong one. Nobody's name but the operator's. */

import { clone, fill, on, onSubmit, part } from "../dom.js";
import { t } from "../i18n.js";
import { isPin } from "../pin.js";
import { show } from "../screens.js";
import { isBlocked, MOST_WRONG, openShifts, tryPin, unlock, waitLeft } from "../shifts.js";
import { state } from "../state.js";

const LONGEST_PIN = 6;
const SCANNER_GAP_MS = 35; // between two keys on average: no finger is as fast, every scanner is

/**
 * @param {{id?: string, title?: string, what?: () => string, instead?: (shift: object) => void, back?: () => void}} [args] whose turn it
 *   shall be; else whose it was when the tablet was locked. `instead`: what the PIN is asked for when it is not to take a turn, in
 *   words by `what`; then `back` leads away
 */
export function unlocking({ id = state.operator.shift, title, what, instead, back } = {}) {
  const element = clone("t-unlock");
  const field = element.querySelector("input");
  const form = element.querySelector("form");
  const go = element.querySelector('[data-action="unlock"]');
  let shift = null;
  let checking = false;
  let wrong = false;
  const draw = () => {
    if (!shift) return;
    const blocked = isBlocked(shift);
    const wait = Math.ceil(waitLeft(shift) / 1000);
    form.hidden = blocked;
    go.disabled = checking || wait > 0;
    const left = MOST_WRONG - shift.wrong;
    fill(element, {
      name: shift.operator.name,
      problem: blocked ? t("unlock.blocked") : wrong && !checking ? t("unlock.wrong", { n: left }) : null,
      wait: wait > 0 && !blocked && !checking ? t("unlock.wait", { n: wait }) : null,
    });
    element.dataset.pin = blocked ? "blocked" : checking ? "checking" : wait > 0 ? "waiting" : "open";
  };
  const load = async () => {
    shift = (await openShifts()).find((one) => one.id === id) ?? null;
    if (shift) draw();
    else if (element.isConnected) show("operator");
  };
  const byMachine = watchKeys(field);
  part(element, "keypad").addEventListener("click", ({ target }) => {
    const { digit } = target.closest("button")?.dataset ?? {};
    if (digit && field.value.length < LONGEST_PIN) field.value += digit;
  });
  on(element, "wipe", () => (field.value = field.value.slice(0, -1)));
  on(element, "other", () => show("operator"));
  if (instead) go.textContent = t("undo");
  element.querySelector('[data-action="back"]').hidden = !back;
  for (const action of ["other", "password"]) element.querySelector(`[data-action="${action}"]`).hidden = Boolean(back);
  on(element, "back", () => back());
  on(element, "password", () => shift && show("sign-in", shift.operator));
  onSubmit(element, "unlock", async (data) => {
    const pin = String(data.get("pin"));
    const scanned = byMachine();
    field.value = "";
    if (!isPin(pin) || scanned || go.disabled) return; // not a try
    checking = true;
    draw();
    const fitting = await tryPin(id, pin);
    if (fitting && element.isConnected) return instead ? instead(fitting) : show((await unlock(fitting)) ? "scan" : "operator");
    wrong = !fitting;
    await load(); // how long to wait has to be known before another try is open
    checking = false;
    return draw();
  });
  fill(element, { title: t(title ?? (state.locked ? "unlock.title" : "unlock.turn")), what: what?.() ?? null });
  load();
  const clock = setInterval(draw, 500);
  return { element, leave: () => clearInterval(clock) };
}

/** A scanner's digits are no PIN, even when the field has the focus. @returns {() => boolean} whether a scanner typed what is there */
function watchKeys(field) {
  let times = [];
  field.addEventListener("keydown", (event) => {
    if (event.key.length === 1) times.push(event.timeStamp);
  });
  return () => {
    const fast = times.length > 2 && (times.at(-1) - times[0]) / (times.length - 1) < SCANNER_GAP_MS;
    times = [];
    return fast;
  };
}
