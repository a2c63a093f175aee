/** Filling the page's `<template>` elements. Text only ever goes in as text. */

import { t } from "./i18n.js";

/** @param {string} id of a template @returns {HTMLElement} a copy of what it holds, speaking the present language */
export function clone(id) {
  const made = document.getElementById(id).content.firstElementChild.cloneNode(true);
  translate(made);
  return made;
}

/** Puts the sentences in that `data-text`, `data-text-label` and `data-text-placeholder` name. @param {Element} root */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll("[data-text-label]")) {
    element.setAttribute("aria-label", t(element.dataset.textLabel));
    element.title = t(element.dataset.textLabel);
  }
  for (const element of root.querySelectorAll("[data-text-placeholder]")) element.placeholder = t(element.dataset.textPlaceholder);
}

/** @param {Element} root @param {string} name @returns {HTMLElement} */
export const slot = (root, name) => root.querySelector(`[data-slot="${name}"]`);

/** @param {Element} root @param {string} name @returns {HTMLElement} */
export const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

/** Fills slots; an empty text hides its slot. An icon's slot takes its name. @param {Record<string, string | null>} values */
export function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    const element = slot(root, name);
    if (element instanceof SVGUseElement) element.setAttribute("href", `#i-${value}`);
    else {
      if (element.textContent !== (value ?? "")) element.textContent = value ?? "";
      element.hidden = !value;
    }
  }
}

/**
 * Puts items in a list, unless it says the same already: what has the focus or the pointer on it is not taken away for nothing.
 * @param {Element} list @param {Element[]} items
 */
export function putItems(list, items) {
  const { children } = list;
  if (items.length !== children.length || items.some((item, i) => !item.isEqualNode(children[i]))) list.replaceChildren(...items);
}

/** @param {Element} root @param {string} action @param {(event: Event) => void} handler */
export function on(root, action, handler) {
  root.querySelector(`[data-action="${action}"]`).addEventListener("click", handler);
}

/** @param {Element} root @param {string} name @param {(data: FormData) => void} handler */
export function onSubmit(root, name, handler) {
  root.querySelector(`[data-form="${name}"]`).addEventListener("submit", (event) => {
    event.preventDefault();
    handler(new FormData(event.target));
  });
}

const REMARK_MS = 8_000;
let remarked = 0;

/** A word over the screen, for a while or until the next screen; what is under it keeps its place. @param {string} text "" takes it away */
export function remark(text) {
  const element = document.getElementById("remark");
  element.textContent = text;
  element.hidden = !text;
  clearTimeout(remarked);
  if (text) remarked = setTimeout(() => remark(""), REMARK_MS);
}

/**
 * What is wrong with a form is said once it is sent, and only as long as it is wrong.
 * @param {HTMLElement} form hears its own `input` @param {() => string | null} problem in words
 * @param {string} [name] of the slot
 * @returns {{isFine: () => boolean, draw: () => void, say: (words: () => string) => void}} `isFine` when it is sent; `draw` after a
 *   change that no `input` tells, of the language too; `say` what somebody else found wrong, until the next `input`
 */
export function checked(form, problem, name = "problem") {
  let sent = false;
  let found = null;
  const draw = () => fill(form, { [name]: found ? found() : sent ? problem() : null });
  form.addEventListener("input", () => {
    found = null;
    draw();
  });
  const isFine = () => {
    [sent, found] = [true, null];
    draw();
    return problem() === null;
  };
  const say = (words) => {
    [sent, found] = [false, words];
    draw();
  };
  return { isFine, draw, say };
}

/** Said by a screen reader, seen by nobody. @param {string} text */
export function announce(text) {
  document.getElementById("spoken").textContent = text;
}
