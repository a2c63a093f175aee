// Forms of steps, beyond plain HTML: a question that only some are asked appears for those, and a field that was mended looks mended.

/** Show what hangs on a choice (data-when="question=option") only where it was chosen. */
function follow(/** @type {HTMLFormElement} */ form) {
  for (const asked of form.querySelectorAll("[data-when]")) {
    const [question, option] = (asked.getAttribute("data-when") ?? "").split("=");
    const chosen = form.elements.namedItem(question);
    asked.hidden = !(chosen && "value" in chosen && chosen.value === option);
  }
}

for (const form of document.querySelectorAll("form[data-asks]")) {
  follow(form);
  form.addEventListener("change", () => follow(form));
}

/** The server said what is wrong with a field, or that nothing is. */
document.addEventListener("htmx:afterSwap", (event) => {
  const said = /** @type {Element} */ (event.target);
  if (!said.classList.contains("said")) return;
  const wrong = said.childElementCount > 0;
  const field = said.closest(".field");
  field?.classList.toggle("field-wrong", wrong);
  const input = field?.querySelector("input, select, textarea");
  if (wrong) input?.setAttribute("aria-invalid", "true");
  else input?.removeAttribute("aria-invalid");
});
