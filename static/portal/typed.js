// What was typed and not sent is still there after another language or light was chosen, which loads the page anew. It is kept only
// by a press of these switches, in this tab, and for the one page that comes next. Never passwords or files.

const KEY = "typed";
const SWITCHES = 'form[action="/language"], form[action="/theme"]';
const NEVER = "[type=hidden], [type=password], [type=file], button, fieldset";

/** The fields of every form that changes something, each by a name that is the same on the page as it comes again. */
function fields() {
  const found = new Map();
  for (const form of document.querySelectorAll('form[method="post"]')) {
    for (const field of form.elements) {
      if (!field.name || field.matches(NEVER) || form.matches(SWITCHES)) continue;
      const name = [form.getAttribute("action"), field.name, isBox(field) ? field.value : ""].join(" ");
      let times = 0;
      while (found.has(`${name} ${times}`)) times += 1;
      found.set(`${name} ${times}`, field);
    }
  }
  return found;
}

function isBox(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function differs(field) {
  if (isBox(field)) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function keep() {
  const typed = [];
  // A page that answers a form shows what was sent as if nobody had touched it; on any other, untouched words are the page's own.
  const answered = document.body.hasAttribute("data-answered");
  for (const [name, field] of fields()) {
    if (answered || differs(field)) typed.push([name, isBox(field) ? field.checked : field.value]);
  }
  sessionStorage.setItem(KEY, JSON.stringify(typed));
}

function bringBack() {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const shown = kept ? fields() : new Map();
  for (const [name, typed] of JSON.parse(kept ?? "[]")) {
    const field = shown.get(name);
    if (!field || (isBox(field) ? field.checked : field.value) === typed) continue;
    if (isBox(field)) field.checked = typed;
    else field.value = typed;
    for (let around = field.closest("details"); around; around = around.parentElement?.closest("details")) around.open = true;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** A browser that lets a page store nothing loses what was typed, and nothing else. */
export function startTyped() {
  try {
    bringBack();
    document.addEventListener("submit", (event) => {
      if (event.target.matches(SWITCHES)) keep();
    });
  } catch {}
}
