/** Student numbers as people type them. */

const FORM = /^(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9-]{3,19}$/; // as the roster takes them

/** @param {string} typed in whatever width, with blanks or without @returns {string} as the data has it */
export const plainNumber = (typed) => typed.normalize("NFKC").replace(/\s+/g, "");

/** @param {string} number @returns {boolean} whether there can be such a number */
export const canBeNumber = (number) => FORM.test(number);
