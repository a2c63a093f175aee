/** Screens before the work: what stands in the way, setting up, withdrawn. */

import { Refused, Unreachable } from "../api.js";
import { checked, clone, fill, on, onSubmit, part, slot } from "../dom.js";
import { codeIn, enrol, takeCodeFromAddress } from "../enrolment.js";
import { t } from "../i18n.js";
import { state } from "../state.js";
import { saveJournal } from "../export.js";
import { closeCamera, NoCamera, startCamera } from "../scan.js";
import { emptyAll, setUpAnew } from "./reset.js";
import { isNothing, unsent } from "../unsent.js";

/** @param {{title: string, text: string, icon?: string}} args sentences, ready */
export function message({ title, text, icon = "warn" }) {
  const element = clone("t-message");
  fill(element, { title: title(), text: text(), icon });
  on(element, "reload", () => location.reload());
  return { element };
}

/** @param {{enrolled: (values: object) => void}} args */
export function enrolment({ enrolled }) {
  const element = clone("t-enrol");
  const button = element.querySelector('[data-action="enrol"]');
  const field = element.querySelector('[name="code"]');
  field.value = takeCodeFromAddress();
  const name = element.querySelector('[name="name"]');
  const scanner = new CodeScanner(element, field);
  const check = checked(element, () => (field.value.trim() && name.value.trim() ? null : t("enrol.empty")));
  const say = () => {
    button.textContent = t(button.disabled ? "enrol.wait" : "enrol.go");
    check.draw();
  };
  const ask = (asking) => {
    button.disabled = asking;
    say();
  };
  onSubmit(element, "enrol", async () => {
    if (!check.isFine() || button.disabled) return;
    ask(true);
    try {
      enrolled(await enrol(codeIn(field.value) ?? field.value.trim(), name.value.trim())); // a scanner types the whole address
    } catch (error) {
      ask(false);
      check.say(() => enrolProblem(error));
    }
  });
  return { element, say, leave: () => scanner.stop() };
}

/** The enrolment screen's camera, on the portal's picture of a code. */
class CodeScanner {
  #element;
  #field;
  #running = null;

  constructor(element, field) {
    this.#element = element;
    this.#field = field;
    on(element, "scan-code", () => (this.#running ? this.stop() : this.#start()));
  }

  stop() {
    this.#running?.stop();
    this.#running = null;
    closeCamera();
    part(this.#element, "camera").hidden = true;
  }

  async #start() {
    part(this.#element, "camera").hidden = false;
    fill(this.#element, { "camera-problem": null });
    try {
      this.#running = await startCamera(slot(this.#element, "video"), (text) => this.#take(text));
      if (!this.#element.isConnected) this.stop();
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      this.stop();
      fill(this.#element, { "camera-problem": t(`enrol.camera.${error.code}`) });
    }
  }

  #take(text) {
    const code = codeIn(text);
    fill(this.#element, { "camera-problem": code ? null : t("enrol.camera.other") });
    if (!code) return;
    this.#field.value = code;
    this.stop();
    this.#element.querySelector('[name="name"]').focus();
  }
}

function enrolProblem(error) {
  if (error instanceof Unreachable) return t("enrol.offline");
  if (!(error instanceof Refused)) return t("enrol.storage");
  if (error.status === 429) return t("enrol.too-many");
  const known = ["code-unknown", "code-expired", "code-used", "station-closed"].includes(error.code);
  return known ? t(`enrol.${error.code}`) : t("enrol.refused", { message: error.message || error.code });
}

const REFUSED = {
  revoked: ["revoked.title", "revoked.text"], "unknown-device": ["line.unknown-device", "revoked.unknown"], wiped: ["line.wiped", "revoked.wiped"],
};

/** Withdrawn, or unknown to the portal: nothing can be signed, everything made here is still safe. */
export function revoked() {
  const element = clone("t-revoked");
  let saved = false;
  const draw = () => {
    const { pending, refused } = state;
    const waiting = pending ? "revoked.waiting" : "revoked.waiting.none";
    const pictures = state.pictures ? t("revoked.pictures", { n: state.pictures }) : null;
    const [title, text] = REFUSED[refused] ?? REFUSED.revoked;
    fill(element, {
      title: t(title), text: t(text), waiting: refused === "wiped" ? null : t(waiting, { n: pending }), pictures: refused === "wiped" ? null : pictures,
    });
  };
  on(element, "export", async () => {
    saved = await saveJournal();
    fill(element, { problem: saved ? null : t("about.export.none") });
  });
  on(element, "again", async () => {
    // What can never be sent from here leaves in the file; whatever it is, it has to be somewhere else too.
    if (state.refused === "wiped") await emptyAll(); // of a rehearsal there is nothing to save
    else if (saved || isNothing(await unsent())) await setUpAnew();
    else fill(element, { problem: t("revoked.again.wait") });
  });
  draw();
  return { element, changed: draw };
}
