// How far an upload is, beside its form, and a word when the connection breaks. Without this module the plain form works.

/** @param {Event} event @returns {HTMLFormElement | null} the form whose upload this is about */
const formOf = (event) => /** @type {Element} */ (event.target).closest("form[data-upload]");

/** @param {Element} form @param {string} name @returns {HTMLElement} */
const part = (form, name) => form.querySelector(`[data-${name}]`);

/** @param {string} name @param {(form: HTMLFormElement, detail: any) => void} act */
function on(name, act) {
  document.addEventListener(name, (event) => {
    const form = formOf(event);
    if (form) act(form, /** @type {CustomEvent} */ (event).detail);
  });
}

on("htmx:beforeRequest", (form) => {
  part(form, "broken").hidden = true;
  show(form, 0);
  part(form, "under-way").hidden = false;
});

on("htmx:xhr:progress", (form, { lengthComputable, loaded, total }) => {
  if (lengthComputable) show(form, Math.floor((100 * loaded) / total));
});

on("htmx:afterRequest", (form) => {
  part(form, "under-way").hidden = true;
});

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
  on(name, (form) => {
    part(form, "broken").hidden = false;
  });
}

/** @param {HTMLFormElement} form @param {number} percent */
function show(form, percent) {
  form.querySelector("progress").value = percent;
  part(form, "percent").textContent = `${percent} %`;
  part(form, "checking").hidden = percent < 100;
}
