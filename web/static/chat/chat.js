// The talk about a film: puts the part to work when htmx has brought it, and lets go of the one
// before.

import { call } from "../script/page.js";
import { asking } from "./asking.js";
import { follow } from "./follow.js";
import { places } from "./places.js";

let open = null;

/** Fill `{name}` in words of the page. */
function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

function talkOf(root) {
  const words = JSON.parse(root.querySelector("[data-chat-words]").textContent);
  const { address } = root.dataset;
  const closing = new AbortController();
  const talk = {
    root,
    address,
    signal: closing.signal,
    say: (word, filling = {}) => filled(words[word], filling),
    tell: (word, filling) => { root.querySelector("[data-news]").textContent = talk.say(word, filling); },
    call: (method, path, body) => call(method, `/api/v1${address}${path}`, body),
    emit: (name, detail) => document.body.dispatchEvent(new CustomEvent(`firstread:${name}`, { bubbles: true, detail })),
    why: (error) => (error.status ? error.message : words.no_connection),
    show: (id, target, swap) => htmx.ajax("GET", `${address}/turns/${id}`, { target, swap }),
    waits: () => root.querySelector("[data-open]") !== null,
    leave: () => closing.abort(),
  };
  return talk;
}

/** Who came to the panel by its key goes on to the question; who came by Tab or mouse stays. */
function focusQuestion() {
  if (document.activeElement?.id === "panel-chat") document.getElementById("chat-question")?.focus();
}

function begin(root) {
  const talk = talkOf(root);
  talk.asking = asking(talk);
  talk.places = places(talk);
  root.scrollIntoView({ block: "end" });
  focusQuestion();
  return talk;
}

function look() {
  const root = document.querySelector("[data-chat]");
  if (root !== (open?.root ?? null)) {
    open?.places.forget();
    open?.leave();
    open = root ? begin(root) : null;
  }
  for (const turn of root?.querySelectorAll("[data-open]") ?? []) follow(open, turn);
  open?.asking.refresh();
}

document.addEventListener("htmx:afterSettle", look);
document.addEventListener("firstread:tab-shown", ({ target }) => {
  // The key's own act puts the focus on the panel after this.
  if (target.id === "panel-chat") setTimeout(focusQuestion);
});
look();
