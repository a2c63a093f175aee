// Forms of steps, beyond plain HTML: a question that only some are asked appears for those, a field that was mended looks mended, and
// what could not be kept for want of a network is said and kept as soon as there is one.

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
  for (const told of document.querySelectorAll("[data-keeps]")) told.hidden = !window.htmx;
}

/** What was left last and could not be kept. @type {Element | null} */
let unkept = null;

/** @param {Event} event @param {boolean} failed */
function tell(event, failed) {
  const asked = /** @type {Element} */ (event.target);
  const form = asked.closest("form[data-asks]");
  if (!form) return;
  unkept = failed ? asked : null;
  form.querySelector("[data-unkept]").hidden = !failed;
}

for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => tell(event, true));
document.addEventListener("htmx:afterOnLoad", (event) => tell(event, false));
window.addEventListener("online", () => {
  if (unkept) window.htmx.trigger(unkept, "focusout");
});

/** The server said what is wrong with a field, or that nothing is. */
document.addEventListener("htmx:afterSwap", (event) => {
  const said = /** @type {Element} */ (event.target);
  if (!said.classList.contains("said")) return;
  const wrong = said.querySelector(".error") !== null;
  const field = said.closest(".field");
  field?.classList.toggle("field-wrong", wrong);
  const input = field?.querySelector("input, select, textarea");
  if (wrong) input?.setAttribute("aria-invalid", "true");
  else input?.removeAttribute("aria-invalid");
});
