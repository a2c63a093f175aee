/**
 * A USB or Bluetooth scanner types like a keyboard, only faster, and ends with Enter. Listening on the whole document needs
 * no field with the focus, brings no keyboard on the glass, and is out of the way of Chinese input methods.
 */

const LONGEST_GAP_MS = 120; // slow Bluetooth scanners included; nobody types eight signs like that
const SHORTEST_CODE = 8;

/** @param {(code: string) => void} onCode */
export function listenToScanner(onCode) {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const pause = event.timeStamp - last;
    last = event.timeStamp;
    if (pause > LONGEST_GAP_MS) typed = "";
    if (event.key.length === 1) typed += event.key;
    if (event.key !== "Enter" || typed.length < SHORTEST_CODE) return;
    const field = document.activeElement?.matches("input, textarea") ? document.activeElement : null;
    const code = typed;
    typed = "";
    // Quick fingers type numbers into a field; only a card's code has dots.
    if (field && !code.includes(".")) return;
    // Whatever has the focus must not take the scanner's Enter for a press, nor keep the code as its text.
    event.preventDefault();
    event.stopPropagation();
    if (field?.value.endsWith(code)) field.value = field.value.slice(0, -code.length);
    onCode(code);
  }, { capture: true });
}
