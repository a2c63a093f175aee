/** The state line: always in sight, always true. */

import { fill, part, translate } from "./dom.js";
import { ago, stationName, t } from "./i18n.js";
import { now, state, watch } from "./state.js";

const line = document.getElementById("line");

/** @param {{operator: () => void, lock: () => void, about: () => void, language: () => void}} actions */
export function showLine(actions) {
  for (const [action, handler] of Object.entries(actions)) {
    line.querySelector(`[data-action="${action}"]`).addEventListener("click", handler);
  }
  watch(drawLine);
  setInterval(drawLine, 5_000); // "2 min ago" grows older by itself
  drawLine();
}

export function drawLine() {
  translate(line);
  const { device, operator, locked, online, pending, pictures, contact, battery, refused } = state;
  line.hidden = false;
  const { tone, icon, sentence } = connection();
  fill(line, {
    icon, sentence,
    station: device ? stationName(device.station) : "",
    contact: device ? (contact === null ? t("line.never") : t("line.contact", { ago: ago(now() - contact) })) : "",
    pictures: device && pictures ? t("today.photos", { n: pictures }) : "",
    battery: battery === null ? "" : `${battery} %`,
    operator: operator ? (locked ? t("line.locked", { name: operator.name }) : operator.name) : "",
    turn: locked ? "lock" : "person",
  });
  part(line, "battery").hidden = battery === null;
  part(line, "battery").title = t("line.battery", { n: battery ?? 0 });
  part(line, "pictures").title = t("line.pictures", { n: pictures });
  part(line, "pictures").hidden = !device || !pictures;
  line.querySelector('[data-slot="station"]').parentElement.hidden = !device;
  line.querySelector('[data-action="operator"]').hidden = !operator;
  line.querySelector('[data-action="lock"]').hidden = !operator || locked;
  line.querySelector('[data-action="about"]').hidden = !device;
  line.querySelector('[data-slot="state"]').hidden = !device;
  line.querySelector('[data-slot="state"]').dataset.tone = tone;
  Object.assign(document.body.dataset, {
    state: online === null ? "connecting" : online ? "online" : "offline",
    pending: String(pending), pictures: String(pictures), operator: operator?.id ?? "", locked: operator && locked ? "yes" : "no", refused: refused ?? "",
  });
}

function connection() {
  const { online, pending, pictures, refused } = state;
  if (refused) return { tone: "stop", icon: "stop", sentence: t(`line.${refused}`) };
  if (online === false) return { tone: "offline", icon: "offline", sentence: t(pending ? "line.offline" : "line.offline.none", { n: pending }) };
  if (online === null) return { tone: "wait", icon: "wait", sentence: t("line.connecting") };
  if (pending) return { tone: "wait", icon: "online", sentence: t("line.sending", { n: pending }) };
  if (pictures) return { tone: "wait", icon: "online", sentence: t("line.online.pictures") };
  return { tone: "good", icon: "online", sentence: t("line.online") };
}
