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

/** Said by a screen reader, seen by nobody. @param {string} text */
export function announce(text) {
  document.getElementById("spoken").textContent = text;
}
