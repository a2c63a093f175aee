/** Chinese and English. Every sentence stands in the page, in both languages, so that switching needs no network. */

const TAGS = { zh: "zh-CN", en: "en" };
const texts = JSON.parse(document.getElementById("strings").textContent);
let language = "zh";

/** @param {string} chosen "zh" or "en"; anything else is Chinese */
export function speak(chosen) {
  language = chosen in TAGS ? chosen : "zh";
  document.documentElement.lang = TAGS[language];
  document.title = t("app.title");
}

export const spoken = () => language;

/** @param {string} key @param {Record<string, string | number>} [values] for the `{name}` in the sentence */
export function t(key, values = {}) {
  const all = texts[language];
  const text = (values.n === 1 && all[`${key}.one`]) || all[key] || key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** A name as the protocol gives it: a text, or one for each language. @param {string | {zh?: string, en?: string} | null} name */
export function named(name) {
  if (name === null || typeof name !== "object") return name ?? "";
  return name[language] || name.zh || name.en || "";
}

/** @param {{name: any, names?: {zh: string, en: string}}} station `names` where the portal tells them @returns {string} */
export const stationName = ({ name, names }) => named(names ?? name);

/** How long ago, in the largest fitting unit. @param {number} ms */
export function ago(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 5) return t("ago.now");
  if (seconds < 60) return t("ago.seconds", { n: seconds });
  if (seconds < 3600) return t("ago.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return t("ago.hours", { n: Math.floor(seconds / 3600) });
  return t("ago.days", { n: Math.floor(seconds / 86400) });
}

/** @param {string | number} moment RFC 3339 or epoch ms @returns {string} day and time where the tablet stands */
export function dayAndTime(moment) {
  return new Date(moment).toLocaleString(TAGS[language], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}

/** @param {number} ms @returns {string} hours and minutes where the tablet stands */
export function clockTime(ms) {
  return new Date(ms).toLocaleTimeString(TAGS[language], { hour: "2-digit", minute: "2-digit", hour12: false });
}
