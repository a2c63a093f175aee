/** Screens before the work: what stands in the way, setting up, withdrawn. */

import { Refused, Unreachable } from "../api.js";
import { clone, fill, on, onSubmit } from "../dom.js";
import { enrol } from "../enrolment.js";
import { t } from "../i18n.js";
import { state } from "../state.js";
import { countOutbox } from "../store.js";
import { saveJournal } from "../export.js";

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
  element.querySelector('[name="code"]').value = codeInAddress();
  onSubmit(element, "enrol", async (data) => {
    const [code, name] = ["code", "name"].map((field) => String(data.get(field)).trim());
    fill(element, { problem: code && name ? null : t("enrol.empty") });
    if (!code || !name) return;
    button.disabled = true;
    button.textContent = t("enrol.wait");
    try {
      enrolled(await enrol(code, name));
    } catch (error) {
      fill(element, { problem: enrolProblem(error) });
      button.disabled = false;
      button.textContent = t("enrol.go");
    }
  });
  return { element };
}

/** A code that came with the address, as the portal's QR code gives it; it does not stay there for others to see. */
function codeInAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
  if (code) history.replaceState(null, "", location.pathname);
  return code;
}

function enrolProblem(error) {
  if (error instanceof Unreachable) return t("enrol.offline");
  if (!(error instanceof Refused)) return t("enrol.storage");
  if (error.status === 429) return t("enrol.too-many");
  const known = ["code-unknown", "code-expired", "code-used"].includes(error.code);
  return known ? t(`enrol.${error.code}`) : t("enrol.refused", { message: error.message || error.code });
}

/** Withdrawn, or unknown to the portal: nothing can be signed, everything made here is still safe. @param {{again: () => void}} args */
export function revoked({ again }) {
  const element = clone("t-revoked");
  let saved = false;
  const draw = () => {
    const { pending, refused } = state;
    const waiting = pending ? "revoked.waiting" : "revoked.waiting.none";
    const unknown = refused === "unknown-device";
    fill(element, {
      title: t(unknown ? "line.unknown-device" : "revoked.title"),
      text: t(unknown ? "revoked.unknown" : "revoked.text"), waiting: t(waiting, { n: pending }),
    });
  };
  on(element, "export", async () => {
    saved = await saveJournal();
    fill(element, { problem: saved ? null : t("about.export.none") });
  });
  on(element, "again", async () => {
    const left = await countOutbox(state.device.device);
    if (left && !saved) fill(element, { problem: t("revoked.again.wait") });
    else again();
  });
  draw();
  return { element, changed: draw };
}
