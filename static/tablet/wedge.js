/**
 * A USB or Bluetooth scanner types like a keyboard, only faster, and ends with Enter. Listening on the whole document needs
 * no field with the focus, brings no keyboard on the glass, and is out of the way of Chinese input methods.
 */

const LONGEST_GAP_MS = 120; // slow Bluetooth scanners included; nobody types eight signs like that
const SHORTEST_CODE = 8;
const FIELDS = "input, textarea";

/**
 * @param {{onCode: (code: string) => void, onDigit: () => void}} heard `onDigit`: a digit comes that no field would take; the field
 *   that has the focus after it gets the digit
 */
export function listenToScanner({ onCode, onDigit }) {
  let typed = "";
  let last = 0;
  let before = null; // what stood in the field with the focus when these keys began
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const pause = event.timeStamp - last;
    last = event.timeStamp;
    if (pause > LONGEST_GAP_MS) typed = "";
    if (!typed) {
      if (/^[0-9]$/.test(event.key) && !fieldWithFocus()) onDigit(); // a card's code begins with a letter
      before = stateOf(fieldWithFocus());
    }
    if (event.key.length === 1) typed += event.key;
    if (event.key !== "Enter" || typed.length < SHORTEST_CODE) return;
    const code = typed;
    typed = "";
    // Quick fingers type numbers into a field; only a card's code has dots.
    if (fieldWithFocus() && !code.includes(".")) return;
    // Whatever has the focus must not take the scanner's Enter for a press, nor keep the code as its text, nor a part of it.
    event.preventDefault();
    event.stopPropagation();
    restore(before);
    onCode(code);
  }, { capture: true });
}

function fieldWithFocus() {
  const { activeElement } = document;
  return activeElement?.matches(FIELDS) ? activeElement : null;
}

const stateOf = (field) => field && { field, value: field.value };

function restore(before) {
  if (!before || before.field.value === before.value) return;
  before.field.value = before.value;
  before.field.dispatchEvent(new Event("input", { bubbles: true }));
}
