/** A damage: what, what it costs, who pays, photos. It belongs to the room's draft until the room is confirmed. */

import { checked, clone, fill, on, onSubmit, part, slot } from "../dom.js";
import { draftOf, keepDraft, photosLeft } from "../drafts.js";
import { named, t } from "../i18n.js";
import { fenOf, yuan } from "../reasons.js";
import { residentsOf, roundsStep } from "../rounds.js";
import { mayPay, MOST_DAMAGES, shares } from "../rules/round.js";
import { state } from "../state.js";
import { giveUp } from "../walk.js";
import { takePhotos } from "./photos.js";
import { titleOf } from "./rounds.js";

const MOST_PIECES = 20;
const OTHER = "";

/** @param {import("../rounds.js").Place} where */
export function damage(where) {
  const element = clone("t-damage");
  const form = new DamageForm(element, where);
  form.load();
  return { element, say: () => form.say(), leave: form.photos.leave };
}

class DamageForm {
  constructor(element, where) {
    this.element = element;
    this.where = where;
    this.chosen = null;
    this.count = 1;
    this.payers = new Set();
    this.photos = takePhotos(element);
    this.check = checked(element, () => this.problem(), "bar-problem");
    this.prices = [];
    on(element, "back", giveUp);
    on(element, "less", () => this.pieces(-1));
    on(element, "more", () => this.pieces(1));
    on(element, "all", () => this.choose(this.payable));
    on(element, "none", () => this.choose([]));
    element.querySelector('[name="amount"]').addEventListener("input", () => this.draw());
    onSubmit(element, "damage", () => this.add());
  }

  async load() {
    this.people = await residentsOf(this.where);
    this.step = await roundsStep();
    this.draft = await draftOf(this.where, this.people);
    this.payable = this.people.filter((one) => mayPay(one, state.operator.role === "supervisor"));
    this.payers = new Set(this.payable.map(({ ref }) => ref));
    this.prices = [...this.step.rounds.prices, { code: OTHER }].map((price) => ({ price, item: this.priceElement(price) }));
    slot(this.element, "prices").replaceChildren(...this.prices.map(({ item }) => item));
    this.say();
    this.element.dataset.ready = "yes";
  }

  say() {
    fill(this.element, { title: titleOf({ building: this.where.building, room: this.where.room }) });
    for (const { price, item } of this.prices) fill(item, { label: price.code === OTHER ? t("damage.other") : named(price) });
    this.photos.say();
    this.draw();
  }

  priceElement(price) {
    const item = clone("t-price");
    item.querySelector("input").value = price.code;
    fill(item, { price: price.amount ? yuan(price.amount) : null });
    item.addEventListener("change", () => {
      this.chosen = price;
      this.count = 1;
      this.draw();
    });
    return item;
  }

  pieces(more) {
    this.count = Math.min(Math.max(this.count + more, 1), MOST_PIECES);
    this.draw();
  }

  choose(people) {
    this.payers = new Set(people.map(({ ref }) => ref));
    this.draw();
  }

  /** fen; undefined for what is no amount, null for none */
  amount() {
    if (!this.chosen) return null;
    return this.chosen.amount ? this.chosen.amount * this.count : fenOf(this.element.querySelector('[name="amount"]').value);
  }

  draw() {
    const other = this.chosen?.code === OTHER;
    part(this.element, "own").hidden = !other;
    part(this.element, "pieces").hidden = !this.chosen || other;
    const amount = this.amount();
    fill(this.element, { count: String(this.count), "bar-will": amount ? yuan(amount) : null });
    const by = shares({ amount: amount || 0, payers: [...this.payers] }, this.payable ?? []);
    this.check.draw();
    slot(this.element, "payers").replaceChildren(...(this.people ?? []).filter(({ code }) => code !== "not-applicable").map((one) => this.payerElement(one, by)));
  }

  payerElement(person, by) {
    const { ref, code, look } = person;
    const item = clone("t-payer");
    const input = item.querySelector("input");
    const may = this.payable.includes(person);
    Object.assign(input, { checked: by.has(ref), disabled: !may, value: ref });
    fill(item, {
      name: look.student.name, number: look.student.number, why: may ? null : t(`verdict.${code}`),
      share: by.get(ref) ? yuan(by.get(ref)) : null,
    });
    input.addEventListener("change", () => {
      if (input.checked) this.payers.add(ref);
      else this.payers.delete(ref);
      this.draw();
      this.element.querySelector(`input[value="${CSS.escape(ref)}"]`)?.focus();
    });
    return item;
  }

  words() {
    if (this.chosen?.code === OTHER) return this.element.querySelector('[name="words"]').value.trim();
    return this.count > 1 ? `×${this.count}` : "";
  }

  async add() {
    if (!this.check.isFine() || this.sent) return;
    this.sent = true; // one damage, however often it is tapped
    const [words, amount, payers] = [this.words(), this.amount(), [...this.payers]]; // as they were when it was pressed
    const taken = (await this.photos.attachments()).slice(0, photosLeft(this.draft));
    const photos = taken.map(({ sha256 }) => sha256);
    const made = { id: crypto.randomUUID(), code: this.chosen.code, words, amount, payers, photos };
    try {
      await keepDraft(this.where, { ...this.draft, damages: [...this.draft.damages, made] }, taken);
      giveUp(); // the form: the damage is kept
    } catch {
      this.sent = false;
      this.check.say(() => t("damage.full"));
    }
  }

  problem() {
    if (!this.chosen || (this.chosen.code === OTHER && !this.words())) return t("damage.missing");
    if (!this.amount()) return t("hold.amount.wrong");
    if (!this.payers.size) return t("damage.nobody");
    return this.draft.damages.length >= MOST_DAMAGES ? t("damage.most", { n: MOST_DAMAGES }) : null;
  }
}
