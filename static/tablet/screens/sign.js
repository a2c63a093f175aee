/** Whoever takes something away signs for it on the glass, or on paper where the glass will not do. */

import { attachmentOf } from "../attachments.js";
import { act, once } from "../desk.js";
import { clone, fill, on, slot } from "../dom.js";
import { named, t } from "../i18n.js";
import { ON_PAPER, yuan } from "../reasons.js";
import { show } from "../screens.js";
import { SignaturePad } from "../signature.js";
import { fillWho } from "./verdict.js";

/** @param {{look: object, line: object, amount: number | null, typed: string}} args the amount in fen, and as it was typed */
export function sign({ look, line, amount, typed }) {
  const element = clone("t-sign");
  const paper = element.querySelector("[name=paper]");
  const confirm = element.querySelector('[data-action="confirm"]');
  const where = () => fill(element, { text: t(paper.checked ? "sign.paper.text" : line.verdict.proxy ? "sign.proxy" : "sign.text") });
  const say = () => {
    fillWho(element, { ...look, lines: [line] });
    fill(element, { step: named(line.step.name), amount: amount === null ? null : yuan(amount) });
    where();
  };
  say();
  const pad = new SignaturePad(slot(element, "pad"));
  const draw = () => {
    where();
    slot(element, "pad").classList.toggle("off", paper.checked);
    element.querySelector('[data-action="clear"]').disabled = paper.checked;
    confirm.disabled = !(paper.checked || pad.signed);
  };
  element.addEventListener("input", draw);
  on(element, "clear", () => pad.clear());
  on(element, "cancel", () => show("compare", { look, line, typed }));
  on(element, "confirm", once(async () => {
    if (paper.checked) return act(look, line, "collect", { amount, reason: ON_PAPER });
    return act(look, line, "collect", { amount, attachments: [await attachmentOf(await pad.picture())] });
  }));
  return { element, say };
}
