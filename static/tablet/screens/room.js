/** One room: what was looked at, what is damaged, who lives here, and one large button that records all of it. */

import { undo, undoLeft } from "../acts.js";
import { announce, clone, fill, on, part } from "../dom.js";
import * as drafts from "../drafts.js";
import { signal } from "../feedback.js";
import { t } from "../i18n.js";
import { NotRecorded } from "../journal.js";
import * as rounds from "../rounds.js";
import { unshared } from "../rules/round.js";
import { show } from "../screens.js";
import { state } from "../state.js";
import { back, go, instead } from "../walk.js";
import { drawRoom, drawTold } from "./room_parts.js";
import { hasLeft, titleOf } from "./rounds.js";

/** What was recorded last, and in which room: for the word about it and for the way back. */
let last = { key: "", made: [] };

/** @param {import("../rounds.js").Place} where */
export function room(where) {
  const element = clone("t-room");
  const view = new Room(element, where);
  view.load();
  const clock = setInterval(() => drawTold(element, view.told()), 1_000);
  return {
    element, takesCodes: true, leave: () => clearInterval(clock),
    changed: (_, changes) => "fresh" in changes && view.refresh(),
  };
}

/**
 * @typedef {{step: object, people: import("../rounds.js").Resident[], draft: object, next: import("../rounds.js").Room | null,
 *   busy: boolean, supervisor: boolean, told: import("../store.js").Kept[], where: import("../rounds.js").Place,
 *   change: (more: object) => void}} Model what there is to draw
 */
class Room {
  constructor(element, where) {
    this.element = element;
    this.where = where;
    this.key = rounds.keyOf(where);
    this.people = [];
    this.draft = null;
    this.busy = false;
    fill(element, { title: titleOf(where) });
    on(element, "back", back);
    on(element, "all-fine", () => this.change({ checks: drafts.cleanRoom(this.draft, this.people, this.step).checks }));
    on(element, "all-keys", () => this.change({ keys: drafts.cleanRoom(this.draft, this.people, this.step).keys }));
    on(element, "damage", () => go({ ...where, damage: true }));
    on(element, "undo", () => this.work(() => this.takeBack()));
    on(element, "confirm", () => this.work(() => this.confirm()));
    on(element, "next-room", () => instead(this.next.place));
  }

  async load() {
    this.people = await rounds.residentsOf(this.where);
    this.step = await rounds.roundsStep();
    this.draft = await drafts.draftOf(this.where, this.people);
    const all = (await rounds.allRooms()).filter(({ place }) => place.building === this.where.building);
    const at = all.findIndex(({ place }) => rounds.keyOf(place) === this.key);
    this.next = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))].find(hasLeft) ?? null;
    this.busy = false; // not before: until now the button is that of the last record
    this.draw();
    this.element.dataset.ready = "yes";
  }

  /** Rows have come: states may have changed, somebody may have moved. What was entered stays. */
  async refresh() {
    if (this.busy || !this.draft) return;
    const people = await rounds.again(this.people, this.where);
    const told = (all) => JSON.stringify(all.map(({ ref, code, line }) => [ref, code, line.cell?.heads]));
    if (this.busy || told(people) === told(this.people)) return;
    this.people = people;
    this.draw();
  }

  change(more) {
    this.draft = { ...this.draft, ...more };
    const { draft } = this;
    this.element.dataset.kept = "no";
    const kept = () => draft === this.draft && (this.element.dataset.kept = "yes");
    drafts.keepDraft(this.where, draft).then(kept, () => {}); // a full disk: it lives as long as the page
    this.draw();
  }

  draw() {
    const { step, people, draft, next, busy, where } = this;
    const supervisor = state.operator.role === "supervisor";
    keepingFocus(this.element, () => drawRoom(this.element, { step, people, draft, next, busy, where, supervisor, told: this.told(), change: (more) => this.change(more) }));
  }

  told() {
    return last.key === this.key ? last.made : [];
  }

  /** One thing at a time, and only what has been recorded is said to be. */
  async work(doing) {
    if (this.busy) return;
    this.busy = true;
    this.element.dataset.ready = "no"; // until what is recorded now has been drawn
    try {
      await doing();
      if (this.element.isConnected) await this.load();
    } catch (error) {
      if (!(error instanceof NotRecorded)) throw error;
      signal("red");
      show("not-recorded", { code: error.code, name: titleOf(this.where), retry: () => show("room", this.where) });
      return;
    } finally {
      this.busy = false;
    }
    // Put in anew, so that what has come up under the finger takes no tap for a moment (`settle` in tablet.css).
    this.element.append(part(this.element, "thumb"));
  }

  async confirm() {
    const draft = drafts.untouched(this.draft) ? drafts.cleanRoom(this.draft, this.people, this.step) : this.draft;
    // As everybody stands at this moment: nobody is cleared whom a row that has just come forbids to clear.
    this.people = await rounds.again(this.people, this.where);
    if (unshared(draft, this.people, state.operator.role === "supervisor").length) return;
    const made = await drafts.recordRoom(this.where, this.people, draft);
    last = { key: this.key, made };
    signal(made.some(({ payload }) => payload.act === "hold") ? "amber" : "green");
    announce(t("done.safe"));
    this.element.querySelector(".scroll").scrollTop = 0;
  }

  async takeBack() {
    const entries = this.told().filter((entry) => entry.payload.act !== "note" && undoLeft(entry) > 0);
    for (const entry of entries.toReversed()) await undo(entry);
    last = { key: "", made: [] };
    announce(t("done.undo"));
  }
}

/** What is drawn anew has the focus where it was. @param {HTMLElement} element @param {() => void} draw */
function keepingFocus(element, draw) {
  const item = element.contains(document.activeElement) ? document.activeElement.closest("li") : null;
  const [list, { action } = {}] = [item?.parentElement, document.activeElement?.dataset];
  const place = item ? [...list.children].indexOf(item) : -1;
  draw();
  if (item && action) list.children[place]?.querySelector(`[data-action="${action}"]`)?.focus({ preventScroll: true });
}
