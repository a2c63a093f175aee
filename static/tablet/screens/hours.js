/** The hours of the day with what was signed off in each. */

import { clone, fill, part, slot } from "../dom.js";

const SIGNED_OFF = new Set(["clear", "collect"]);

/** What was taken back does not count. @param {Element} element @param {{entry: import("../store.js").Kept, undone: boolean}[]} rows */
export function drawHours(element, rows) {
  const counts = new Map();
  for (const { entry, undone } of rows) {
    const hour = new Date(entry.made).getHours();
    if (SIGNED_OFF.has(entry.payload.act) && !undone) counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  const hours = [...counts].sort(([one], [other]) => one - other);
  slot(element, "hours").replaceChildren(...hours.map(([hour, n]) => {
    const item = clone("t-hour");
    fill(item, { hour: `${String(hour).padStart(2, "0")}:00`, n: String(n) });
    return item;
  }));
  part(element, "hours").hidden = !hours.length;
}
