/** Setting this tablet up anew, or emptying it: refused as long as anything on it is not at the portal, with the file offered. */

import { askClosing } from "../closing.js";
import { codeHash } from "../enrolment.js";
import { clone, fill, on, slot } from "../dom.js";
import { saveJournal } from "../export.js";
import { stationName, t } from "../i18n.js";
import { forgetPeople } from "../rows.js";
import { show } from "../screens.js";
import { state } from "../state.js";
import { destroyStore, writeMeta } from "../store.js";
import { pauseSync, wakeAll } from "../sync.js";
import { isAtPortal, isNothing, unsent } from "../unsent.js";

/** @param {{code?: string}} [args] a code for setting up that came with the address */
export function reset({ code = "" } = {}) {
  const element = clone("t-reset");
  const button = (action) => element.querySelector(`[data-action="${action}"]`);
  let agreed = null; // the portal's word that it holds everything
  const draw = async () => {
    const left = await unsent();
    const free = isNothing(left);
    if (!free) agreed = null;
    slot(element, "left").replaceChildren(...reasons(left).map((text) => Object.assign(clone("t-item"), { textContent: text })));
    element.dataset.free = free ? "yes" : "no";
    fill(element, {
      came: code ? t("reset.came", { name: state.device.name, station: stationName(state.device.station) }) : null,
      text: t(free ? "reset.free" : isAtPortal(left) ? "reset.at-work" : "reset.refused"), sure: agreed && t("reset.sure"),
    });
    for (const action of ["anew", "empty"]) button(action).hidden = !free || agreed !== null;
    for (const action of ["export", "retry"]) button(action).hidden = isAtPortal(left);
    button("destroy").hidden = agreed === null;
  };
  on(element, "back", () => show("scan"));
  on(element, "retry", wakeAll);
  on(element, "export", async () => fill(element, { problem: (await saveJournal()) ? null : t("about.export.none") }));
  on(element, "anew", async () => {
    if (isNothing(await unsent())) await setUpAnew(code);
    else await draw();
  });
  on(element, "empty", async () => {
    const answer = await askClosing();
    agreed = answer?.word.startsWith("complete") ? answer : null;
    fill(element, { problem: agreed ? null : t(answer ? `end.${answer.word}` : "reset.offline", answer?.values) });
    await draw();
  });
  on(element, "destroy", async () => {
    return isNothing(await unsent()) ? emptyAll() : draw();
  });
  wakeAll();
  draw();
  return { element, changed: (_, changes) => ("pending" in changes || "pictures" in changes || "contact" in changes) && draw() };
}

function reasons({ entries, pictures, shifts, ends }) {
  return [
    entries && t("reset.entries", { n: entries }), pictures && t("reset.pictures", { n: pictures }),
    shifts.length && t("reset.shifts", { names: shifts.join(t("comma")) }), ends && t("reset.ends", { n: ends }),
  ].filter(Boolean);
}

/** Nothing of this tablet's work stays in this browser. */
export async function emptyAll() {
  pauseSync();
  await destroyStore();
  location.reload();
}

/** Another enrolment in the same browser; the journal of the old one stays. @param {string} [code] to begin with */
export async function setUpAnew(code = "") {
  await forgetPeople();
  await writeMeta({ device: null, revoked: false });
  if (code) location.hash = codeHash(code);
  location.reload();
}
