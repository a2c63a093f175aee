/** Home: a card in front of the camera, a code from a scanner, or a number typed by hand. */

import { undoLeft } from "../acts.js";
import { onCode, onNumber, takeBack } from "../desk.js";
import { checked, clone, fill, on, onSubmit, part, slot } from "../dom.js";
import { ago, named, spoken, t } from "../i18n.js";
import { forgetLastAct, lastAct } from "../last.js";
import { canBeNumber, plainNumber } from "../number.js";
import { closeCamera, NoCamera, startCamera } from "../scan.js";
import { roundsStep } from "../rounds.js";
import { show } from "../screens.js";
import { now, state } from "../state.js";
import { readSetting, writeSetting } from "../store.js";
import { go } from "../walk.js";

const OLD_MS = 30 * 60_000;

export function scan() {
  const element = clone("t-scan");
  const camera = new CameraPart(element);
  const draw = () => {
    fill(element, { notice: state.notices.map(noticeText).filter(Boolean).join(" "), old: oldData() });
    drawLast(element);
  };
  const field = element.querySelector('[name="number"]');
  const isCode = () => field.value.split(".").length === 3; // from a scanner that types slowly
  const check = checked(element, () => {
    const number = plainNumber(field.value);
    return isCode() || canBeNumber(number) ? null : t(number ? "scan.number.form" : "scan.number.empty");
  });
  onSubmit(element, "number", () => {
    if (!check.isFine()) return;
    if (isCode()) onCode(field.value);
    else onNumber(plainNumber(field.value));
  });
  on(element, "today", () => show("today"));
  on(element, "rounds", () => go({}));
  roundsStep().then((step) => (element.querySelector('[data-action="rounds"]').hidden = !step));
  on(element, "undo", () => takeBack(lastAct.entry, lastAct.name, lastAct.step));
  draw();
  camera.begin();
  const clock = setInterval(draw, 1_000);
  const leave = () => {
    clearInterval(clock);
    camera.end();
  };
  return { element, leave, changed: draw, takesCodes: true };
}

/** What was done last, and the way back from it while there is one. */
function drawLast(element) {
  const left = lastAct ? undoLeft(lastAct.entry) : 0;
  if (lastAct && left <= 0) forgetLastAct();
  part(element, "last").hidden = left <= 0;
  if (left <= 0) return;
  fill(element, {
    last: t("scan.last", { name: lastAct.name, act: t(`done.${lastAct.entry.payload.act}`) }),
    undo: undoWord(left),
  });
}

/** @param {number} left ms */
export function undoWord(left) {
  return Number.isFinite(left) ? t("undo.left", { n: Math.ceil(left / 1000) }) : t("undo");
}

function oldData() {
  const age = state.fresh === null ? 0 : now() - state.fresh;
  return age > OLD_MS ? t("scan.old", { ago: ago(age) }) : null;
}

/** Notices are sentences, or one for each language; one whose end has come is not shown, also without a network. */
function noticeText(notice) {
  if (Date.parse(notice?.until) <= now()) return "";
  return named(notice?.message ?? notice?.text ?? notice?.[spoken()] ?? notice);
}

/** The camera of this screen: begins if it was left on, says what is wrong with it, lends its light. */
class CameraPart {
  #element;
  #running = null;
  #wanted = false;
  #lit = false;

  constructor(element) {
    this.#element = element;
    on(element, "camera", () => this.#turn(!this.#wanted));
    on(element, "torch", () => this.#light(!this.#lit));
    this.onVisibility = () => (document.visibilityState === "visible" ? this.#wanted && this.#start() : this.#pause());
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  async begin() {
    this.#wanted = (await readSetting("camera")) !== false;
    this.#say(this.#wanted ? "scan.starting" : "scan.scanner");
    if (this.#wanted) await this.#start();
  }

  end() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.#wanted = false;
    this.#running?.stop();
    this.#running = null;
  }

  async #turn(wanted) {
    this.#wanted = wanted;
    await writeSetting("camera", wanted);
    if (wanted) return this.#start();
    this.#pause();
    return this.#say("scan.scanner");
  }

  async #start() {
    if (this.#running) return;
    this.#say("scan.starting");
    try {
      const running = await startCamera(slot(this.#element, "video"), onCode);
      if (!this.#wanted) return running.stop();
      this.#running = running;
      this.#say(null);
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      this.#wanted = false;
      this.#say(`scan.${error.code}`);
    }
    this.#element.querySelector('[data-action="torch"]').hidden = !this.#running?.torch;
  }

  #pause() {
    this.#running?.stop();
    this.#running = null;
    closeCamera();
  }

  async #light(lit) {
    await this.#running?.torch?.(lit).catch(() => {});
    this.#lit = lit;
    this.#element.querySelector('[data-action="torch"]').setAttribute("aria-pressed", String(lit));
  }

  #say(key) {
    const box = part(this.#element, "camera");
    box.dataset.camera = key === null ? "on" : key.replace("scan.", "");
    fill(this.#element, { camera: key && t(key), "camera-switch": t(this.#wanted ? "scan.camera.off" : "scan.camera.on") });
  }
}
