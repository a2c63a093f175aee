/** Start: what this browser can do, what it keeps, one tab only, then the screen that comes next. */

import { takeCodeFromAddress } from "./enrolment.js";
import { countPictures } from "./attachments.js";
import { offsetAtStart } from "./clock.js";
import { closeCamera } from "./scan.js";
import { onCode, onDigit } from "./desk.js";
import { translate } from "./dom.js";
import { speak, spoken, t } from "./i18n.js";
import { drawLine, showLine } from "./line.js";
import { lockNow, wasIdle, watchIdle } from "./lock.js";
import { forgetIfExpired } from "./rows.js";
import { introduce, isBarred, show, showAgain } from "./screens.js";
import { compare, done, hold, note, notRecorded } from "./screens/act.js";
import { about, today } from "./screens/lists.js";
import { damage } from "./screens/damage.js";
import { room } from "./screens/room.js";
import { rounds } from "./screens/rounds.js";
import { scan } from "./screens/scan.js";
import { end } from "./screens/end.js";
import { chooseAPin, loading, operator, signingIn } from "./screens/shift.js";
import { approve } from "./screens/approve.js";
import { reset } from "./screens/reset.js";
import { enrolment, message, revoked } from "./screens/start.js";
import { sign } from "./screens/sign.js";
import { unlocking } from "./screens/unlock.js";
import { verdict } from "./screens/verdict.js";
import { abandon, turnOf } from "./shifts.js";
import { patch, state, watch } from "./state.js";
import { countOutbox, openStore, readMeta, readSetting, writeSetting } from "./store.js";
import { startSync } from "./sync.js";
import { keepForOffline } from "./update.js";
import { resume } from "./walk.js";
import { wakeSound } from "./feedback.js";
import { listenToScanner } from "./wedge.js";

const LOCK = "clearance-tablet";

let barred = false; // as it was when the listeners were last called

const fault = () => show("fault", { title: () => t("fault.title"), text: () => t("fault.text") });

introduce({
  scan, verdict, compare, sign, hold, note, done, today, about, approve, reset, operator, revoked, enrol: enrolment, rounds, room, damage,
  "sign-in": signingIn, "choose-pin": chooseAPin, unlock: unlocking, loading, end,
  "not-recorded": notRecorded, unsupported: message, storage: message, "other-tab": message, fault: message,
});
addEventListener("unhandledrejection", fault);
addEventListener("error", (event) => event.error && fault());
speak(localLanguage());
translate(document.body);
start();

function start() {
  patch({ version: document.documentElement.dataset.version });
  const missing = whatIsMissing();
  if (missing) return show("unsupported", { title: () => t("unsupported.title"), text: missing });
  keepForOffline();
  return onlyOneTab(begin);
}

/** Runs `work` in the one tab that may write, and may open the database; the others wait for it to close. */
function onlyOneTab(work) {
  const forever = new Promise(() => {});
  navigator.locks.request(LOCK, { ifAvailable: true }, async (held) => {
    if (held) {
      await work();
      return forever;
    }
    show("other-tab", { title: () => t("other.title"), text: () => t("other.text") });
    navigator.locks.request(LOCK, () => location.reload());
    return null;
  });
}

async function begin() {
  try {
    await openStore(() => location.reload());
    speak((await readSetting("language")) ?? localLanguage());
  } catch {
    return show("storage", { title: () => t("storage.title"), text: () => t("storage.text") });
  }
  navigator.storage?.persist?.().then((persisted) => patch({ persisted }), () => patch({ persisted: false }));
  const kept = await readMeta("device", "offset", "contact", "revoked", "active");
  patch({ offset: offsetAtStart(kept), contact: kept.contact ?? null, device: kept.device ?? null });
  showLine({ operator: () => show("operator"), lock: lockNow, about: () => show("about"), language: otherLanguage });
  if (!kept.device) return show("enrol", { enrolled });
  await forgetIfExpired();
  await abandon();
  const { snapshot, fresh, shifts, shift, locked } = await readMeta("snapshot", "fresh", "shifts", "shift", "locked");
  patch({
    operator: turnOf({ shifts, shift }), locked: Boolean(locked) || wasIdle(kept.active), fresh: fresh ?? null, hasData: Boolean(snapshot),
    pending: await countOutbox(kept.device.device), pictures: await countPictures(), refused: kept.revoked === "wiped" ? "wiped" : kept.revoked ? "revoked" : null, online: navigator.onLine ? null : false,
  });
  await resume();
  return work();
}

/** The tablet is enrolled: keep in touch, and go where the work is. */
function work() {
  barred = isBarred();
  watch(goWhereNeeded);
  watchBattery();
  listenToScanner({ onCode, onDigit });
  watchIdle();
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, wakeSound, { capture: true, passive: true });
  startSync();
  goOn();
  performance.mark("ready");
}

function goOn() {
  const code = takeCodeFromAddress();
  if (code && !isBarred()) show("reset", { code });
  else show("scan"); // or what has to come before it
}

/** Withdrawn, known again, or the data has expired: whatever is on the screen has to go. Once: whoever is told so has work to do there. */
function goWhereNeeded(_, changes) {
  const before = barred;
  barred = isBarred();
  if (barred === before && (barred || changes.operator !== null)) return;
  closeCamera();
  goOn();
}

async function enrolled({ device, offset }) {
  patch({ device, offset, operator: null, locked: false, hasData: false, refused: null, pending: 0, fresh: null });
  await resume();
  work();
}

async function otherLanguage() {
  speak(spoken() === "zh" ? "en" : "zh");
  await writeSetting("language", spoken());
  translate(document.body);
  drawLine();
  showAgain();
}

function localLanguage() {
  const first = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag));
  return first?.toLowerCase().startsWith("en") ? "en" : "zh";
}

/** @returns {(() => string) | null} the sentence that says why this browser cannot do it */
function whatIsMissing() {
  if (!isSecureContext) return () => t("unsupported.insecure");
  const needed = { "Web Locks": navigator.locks, WebCrypto: crypto.subtle, IndexedDB: globalThis.indexedDB, "crypto.randomUUID": crypto.randomUUID };
  const missing = Object.keys(needed).filter((name) => !needed[name]);
  return missing.length ? () => t("unsupported.missing", { what: missing.join(", ") }) : null;
}

async function watchBattery() {
  const battery = await navigator.getBattery?.().catch(() => null);
  if (!battery) return;
  const tell = () => patch({ battery: Math.round(battery.level * 100) });
  battery.addEventListener("levelchange", tell);
  tell();
}
