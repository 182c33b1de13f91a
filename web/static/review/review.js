// The review panel: puts each part to work when htmx has brought it, and lets go of the one before.

import { announce, call } from "../script/page.js";
import { askAgain } from "./again.js";
import { editor } from "./editor.js";
import { fieldIn, goOnIn } from "./focus.js";
import { list } from "./list.js";
import { missed } from "./missed.js";
import { opening } from "./opening.js";
import { rejecting } from "./rejecting.js";
import { signing } from "./signing.js";
import { sendUnsent } from "./unsent.js";

let open = null;
const before = { film: null, findingId: null, focused: false, field: null };

/** Fill `{name}` in words of the page. */
function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

function panelOf(root) {
  const values = JSON.parse(root.querySelector("[data-review-values]").textContent);
  const closing = new AbortController();
  const place = `/studies/${encodeURIComponent(values.study)}/films/${encodeURIComponent(values.film)}/review`;
  let doubted = false;
  const panel = {
    root,
    values,
    place,
    signal: closing.signal,
    find: (what) => root.querySelector(`[data-${what}]`),
    say: (word, filling = {}) => filled(values.words[word], filling),
    tell: (word, filling) => announce(panel.say(word, filling)),
    call: (method, path, body, options) => call(method, `/api/v1${place}${path}`, body, options),
    emit: (name, detail) => document.body.dispatchEvent(new CustomEvent(`firstread:${name}`, { bubbles: true, detail })),
    hear: (name, act) => document.body.addEventListener(`firstread:${name}`, (event) => act(event.detail ?? {}), { signal: closing.signal }),
    why: (error) => (error.status ? error.message : values.words.no_connection),
    /** Say why something was not done; where the server gave no answer of its own, that nobody knows
     * whether it was, and show what stands. Gives the words. */
    failed: (error) => {
      const words = error.problem ? panel.say("not_done", { why: error.message }) : values.words.not_known;
      announce(words);
      if (!error.problem) {
        doubted = true;
        panel.reload();
      }
      return words;
    },
    reload: () => {
      Object.assign(before, { film: values.film, focused: root.contains(document.activeElement) });
      root.dispatchEvent(new CustomEvent("firstread:review-changed"));
    },
    /** Say that the panel could not be fetched anew, unless graver words stand there. */
    stale: () => { if (!doubted) panel.tell("not_shown"); },
    leave: () => closing.abort(),
  };
  return panel;
}

function begin(root) {
  const panel = panelOf(root);
  list(panel, before);
  panel.hear("choose", ({ findingId }) => Object.assign(before, { film: panel.values.film, findingId }));
  if (panel.values.reviewable) {
    panel.editor = editor(panel);
    if (before.field?.id.startsWith("edit-")) panel.editor.show();
    panel.signing = signing(panel);
    rejecting(panel);
    missed(panel);
  }
  goOnIn(root, before.field);
  Object.assign(before, { focused: false, field: null });
  // What is typed until the panel comes anew goes on in the new one.
  let asked;
  root.addEventListener("htmx:beforeRequest", () => { asked = panel.editor?.revision(); }, { signal: panel.signal });
  root.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.shouldSwap) panel.editor?.carry(asked);
    const at = document.activeElement;
    before.field = panel.editor?.ended() ? null : fieldIn(root);
    before.focused &&= at === document.body || root.contains(at);
  }, { signal: panel.signal });
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    root.addEventListener(failure, panel.stale, { signal: panel.signal, once: true });
  }
  opening(panel);
  sendUnsent(panel);
  root.dataset.begun = "";
  return panel;
}

function look() {
  const root = document.querySelector("[data-review]");
  if (root === (open?.root ?? null)) return;
  open?.leave();
  open = root ? begin(root) : null;
}

document.addEventListener("htmx:afterSettle", look);
askAgain(document.getElementById("panel-review"));
look();
