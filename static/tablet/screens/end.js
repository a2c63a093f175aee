/** The end of a shift: everything is sent, the portal says that it holds all of it, and then the shift ends. */

import { askClosing } from "../closing.js";
import { clone, fill, on } from "../dom.js";
import { saveJournal } from "../export.js";
import { t } from "../i18n.js";
import { show } from "../screens.js";
import { endShift } from "../shifts.js";
import { state } from "../state.js";
import { wakeAll } from "../sync.js";

const PATIENCE_MS = 15_000; // then nobody has to wait any longer

export function end() {
  const element = clone("t-end");
  let asking = false;
  let late = false;
  let answer = null; // {word, values}
  const draw = () => {
    const { word, values } = withPictures(answer ?? waiting());
    const good = word.startsWith("complete");
    const stuck = !good && (answer !== null || state.online === false || late);
    element.dataset.closing = word;
    fill(element, { text: t(`end.${word}`, values), go: t(good ? "end.go" : "end.anyway") });
    for (const [action, shown] of Object.entries({ end: good || stuck, export: stuck, retry: stuck })) {
      element.querySelector(`[data-action="${action}"]`).hidden = !shown;
    }
    element.querySelector('[data-action="end"]').className = good ? "primary" : "";
  };
  const check = async () => {
    if (!answer && !asking && !state.pending && state.online !== false) {
      asking = true;
      answer = await askClosing();
      asking = false;
    }
    if (element.isConnected) draw();
  };
  on(element, "retry", () => {
    answer = null;
    wakeAll(); // with no network it is asked as soon as a loop has found it again
    check();
  });
  on(element, "export", async () => fill(element, { problem: (await saveJournal()) ? null : t("about.export.none") }));
  on(element, "back", () => show("scan"));
  on(element, "end", async ({ currentTarget }) => {
    currentTarget.disabled = true;
    await endShift();
    show("operator", { said: t("end.done") });
  });
  wakeAll();
  draw();
  queueMicrotask(check);
  const patience = setTimeout(() => {
    late = true;
    draw();
  }, PATIENCE_MS);
  return { element, leave: () => clearTimeout(patience), changed: (_, changes) => ["pending", "pictures", "online"].some((name) => name in changes) && check() };
}

/** Records are not all: photos and signatures have to be there too. */
function withPictures(told) {
  return told.word.startsWith("complete") && state.pictures ? { word: "pictures", values: { n: state.pictures } } : told;
}

/** What is in the way of asking. */
function waiting() {
  const { online, pending } = state;
  if (online === false) return { word: pending ? "offline" : "offline.none", values: { n: pending } };
  return { word: pending ? "sending" : "asking", values: { n: pending } };
}
