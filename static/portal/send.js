// A text to be sent: buttons that share or copy it. Without this module it is marked and copied by hand.

for (const row of document.querySelectorAll("[data-send]")) {
  const field = /** @type {HTMLTextAreaElement} */ (document.getElementById(row.getAttribute("data-send") ?? ""));
  const share = /** @type {HTMLElement} */ (row.querySelector("[data-share]"));
  const copied = /** @type {HTMLElement} */ (row.querySelector("[data-copied]"));
  /** @type {HTMLElement} */ (row).hidden = false;
  share.hidden = !navigator.share;
  share.addEventListener("click", () => navigator.share({ text: field.value }).catch(() => undefined)); // closed again: nothing was sent
  row.querySelector("[data-copy]")?.addEventListener("click", async () => {
    field.select();
    const done = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    copied.hidden = !(done || document.execCommand("copy"));
  });
}
