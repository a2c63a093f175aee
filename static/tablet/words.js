/**
 * What is typed into a form about somebody, kept in `meta` as `words` until it is recorded or given up: a tablet whose page was killed
 * (taking a photo does that to small ones) has lost no words when the form is opened again. One form's, of one shift, about one
 * graduate and step; whoever else works here never sees them. Photos and signatures are not among them.
 */

import { state } from "./state.js";
import { editMeta, readMeta, writeMeta } from "./store.js";

/**
 * Puts back what was typed into this form and not recorded, and keeps what is typed from now on.
 * @param {HTMLFormElement} form @param {string} about which form, of whom and which step
 */
export async function keepWords(form, about) {
  const { shift } = state.operator;
  let touched = false;
  form.addEventListener("input", () => {
    touched = true;
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    if (state.operator?.shift === shift) writeMeta({ words: { shift, about, fields } }).catch(() => {}); // a full disk: then they are not kept
  });
  const { words } = await readMeta("words");
  if (touched || words?.shift !== shift || words.about !== about) return;
  for (const [name, value] of words.fields) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value; // a newer version of the app may have lost it
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What was typed into this form is given up. @param {string} about */
export function forgetWords(about) {
  return editMeta(["words"], ({ words }) => ({ words: words?.about === about ? undefined : words })).catch(() => {});
}
