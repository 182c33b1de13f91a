// The keyboard: one list of what each key does, for every script of a page, and the help that shows
// it. Keys are named as KeyboardEvent.key says, with "Shift+" or "Ctrl+" before them where held.
//
// Who dictates, or whose hand slips, may switch single characters off (WCAG 2.2, 2.1.4).

const bindings = new Map();
const TYPING = "input, textarea, select, [contenteditable]";
const OFF = "firstread-single-keys-off";
const button = document.querySelector("[data-keys]");

/** Let a key do something; `words` stand in the help. Not while somebody types in a field. */
export function bind(key, words, act) {
  bindings.set(key, { words, act });
}

/** Give every key with its words, in the order in which they were bound. */
export function bound() {
  return [...bindings].map(([key, { words }]) => ({ key, words }));
}

function name(event) {
  const held = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "");
  const shifted = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
  return held + shifted + event.key;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.target.closest?.(TYPING)) return;
  // A window that asks something is answered first.
  if (document.querySelector("dialog:modal")) return;
  const key = name(event);
  const binding = bindings.get(key);
  if (!binding || (key.length === 1 && localStorage.getItem(OFF))) return;
  event.preventDefault();
  binding.act(event);
});

function listed() {
  const list = document.createElement("dl");
  list.className = "keys";
  for (const { key, words } of bound()) {
    const term = list.appendChild(document.createElement("dt"));
    term.appendChild(document.createElement("kbd")).textContent = key === " " ? "Space" : key;
    list.appendChild(document.createElement("dd")).textContent = words;
  }
  return list;
}

function theSwitch() {
  const label = document.createElement("label");
  label.className = "choice";
  const box = label.appendChild(document.createElement("input"));
  box.type = "checkbox";
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  label.append(` ${button.dataset.single}`);
  return label;
}

function showHelp() {
  const dialog = document.createElement("dialog");
  dialog.className = "card";
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = button.textContent;
  dialog.setAttribute("aria-labelledby", title.id);
  const close = document.createElement("button");
  close.textContent = button.dataset.close;
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, listed(), theSwitch(), close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

bind("?", button.dataset.words, showHelp);
button.addEventListener("click", showHelp);
button.hidden = false;
