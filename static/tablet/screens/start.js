/** Screens before the work: what stands in the way, setting up, choosing who works here. */

import { Refused, Unreachable } from "../api.js";
import { clone, fill, on, onSubmit, part, slot } from "../dom.js";
import { enrol } from "../enrolment.js";
import { t } from "../i18n.js";
import { show } from "../screens.js";
import { patch, state } from "../state.js";
import { countOutbox, readMeta, writeMeta } from "../store.js";
import { saveJournal } from "../export.js";
import { forgetLastAct } from "../desk.js";

const SEARCH_FROM = 9; // people; fewer are found by looking

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

/** Who works here; without data yet, why not. */
export function operator() {
  const element = clone("t-operator");
  const search = element.querySelector("input");
  let people = [];
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    slot(element, "people").replaceChildren(...people.filter((one) => one.name.toLowerCase().includes(wanted)).map(personItem));
  };
  const load = async () => {
    const { snapshot } = await readMeta("snapshot");
    people = snapshot?.operators ?? [];
    const waiting = state.online === false ? "operator.offline" : "operator.loading";
    fill(element, { text: t(!snapshot ? waiting : people.length ? "operator.text" : "operator.none") });
    part(element, "search").hidden = people.length < SEARCH_FROM;
    draw();
  };
  search.addEventListener("input", draw);
  load();
  return { element, changed: (_, changes) => ("hasData" in changes || "online" in changes) && load() };
}

function personItem(person) {
  const item = clone("t-person");
  const role = t(`role.${person.role}`);
  fill(item, { name: person.name, role: role.startsWith("role.") ? null : role });
  item.querySelector("button").dataset.operator = person.id;
  on(item, "choose", async () => {
    await writeMeta({ operator: person });
    forgetLastAct();
    patch({ operator: person });
    show("scan");
  });
  return item;
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
