// The keyboard: one list of what each key does, for every script of a page, and the help that shows
// it. Keys are named as KeyboardEvent.key says, with "Shift+" or "Ctrl+" before them where held.

const bindings = new Map();
const TYPING = "input, textarea, select, [contenteditable]";

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
  const binding = bindings.get(name(event));
  if (!binding) return;
  event.preventDefault();
  binding.act(event);
});

function showHelp() {
  const dialog = document.createElement("dialog");
  dialog.className = "card";
  const title = document.createElement("h2");
  title.textContent = document.documentElement.dataset.keysTitle ?? "Keys";
  const list = document.createElement("dl");
  list.className = "keys";
  for (const { key, words } of bound()) {
    const term = list.appendChild(document.createElement("dt"));
    term.appendChild(document.createElement("kbd")).textContent = key === " " ? "Space" : key;
    list.appendChild(document.createElement("dd")).textContent = words;
  }
  const close = document.createElement("button");
  close.textContent = document.documentElement.dataset.closeWord ?? "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, list, close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

bind("?", "Show the keys", showHelp);
