// What every page of the portal does beyond plain HTML. Without it, everything still works.
import { startLive } from "./live.js";
import { startTyped } from "./typed.js";

startLive();
startTyped();

// Where nobody is signed in, nobody's card is left behind (see card.js).
if (!document.body.hasAttribute("data-signed-in")) window.caches?.delete("card").catch(() => undefined);

/** Close buttons of notices appear only where this module runs. */
function showDismissers(root) {
  for (const button of root.querySelectorAll("[data-dismiss]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  target.closest("[data-dismiss]")?.closest(".note")?.remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
  }
});

/** A form is sent once: a second press while the first is under way does nothing. */
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.hasAttribute("data-again") || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
});

/** Open a <dialog> by a button with data-opens="its id"; close it by data-closes. */
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const opener = target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.getAttribute("data-opens") ?? "");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
  if (target.closest("[data-closes]")) target.closest("dialog")?.close();
});

document.addEventListener("htmx:afterSettle", (event) => showDismissers(/** @type {Element} */ (event.target)));
document.addEventListener("htmx:oobAfterSwap", (event) => showDismissers(/** @type {Element} */ (event.target)));
showDismissers(document.body);
