// Keeps what is typed: at once in this tab, every two seconds at the server, one save at a time, with
// growing pauses while the server is away. What another window wrote is never overwritten.

import { forget, store } from "./typed.js";

const EVERY = 2000;
const LONGEST_PAUSE = 30000;

// Of the page as the server knows it, and not of one panel: a panel that came anew in this window is
// no other window, and what the one before sent late is known as late.
const page = crypto.randomUUID();
let step = 0;

/**
 * Begin to keep a text.
 *
 * `read` gives the text that stands in the editor, `status` is told how it stands, and `other` is
 * called where another window of the same person saved a text that this one does not know.
 */
export function keeper(panel, { read, status, other }) {
  const { values, signal } = panel;
  const state = { base: values.base, revision: values.revision, saved: null, ended: false };
  let pause = EVERY;
  let timer = null;
  let running = null;
  let stopped = false;

  function body() {
    return { version_id: state.base, ...read(), page, step, revision: state.revision };
  }

  function put() {
    store(values.account, values.reading, { ...body(), step: step + 1, place: panel.place });
  }

  function same() {
    return JSON.stringify(read()) === state.saved;
  }

  function later() {
    if (timer === null && !stopped && !signal.aborted) {
      timer = setTimeout(() => { timer = null; save(); }, pause);
    }
  }

  /** Offer the way into a study that was restricted meanwhile; nothing for none. */
  function glass(path) {
    const link = panel.find("break-glass");
    link.hidden = !path;
    if (path) link.href = path;
  }

  function failed(error) {
    // The panel that came in its place has the text, and saves it.
    if (signal.aborted) return;
    // Without an answer nobody knows what the server has: only a save that it answers tells.
    if (!error.problem) state.saved = "";
    if (error.status === 409) {
      stopped = true;
      other();
      return;
    }
    if (error.status === 422) {
      status("refused", { why: error.message });
      return;
    }
    if (error.status === 403) {
      status("not_allowed", { why: error.message });
      glass(error.problem?.break_glass);
    } else status(error.status === 401 ? "locked" : "not_kept");
    pause = Math.min(2 * pause, LONGEST_PAUSE);
    later();
  }

  async function once() {
    const text = JSON.stringify(read());
    step += 1;
    status("saving");
    try {
      const kept = await panel.call("PUT", "/unsigned", { ...body(), reading_id: values.reading });
      state.revision = kept.revision;
      state.saved = text;
      pause = EVERY;
      glass(null);
      status("kept", { time: new Date().toLocaleTimeString([], { hourCycle: "h23" }) });
    } catch (error) {
      failed(error);
      return false;
    }
    if (signal.aborted) return true;
    if (same()) forget(values.account, values.reading);
    else later();
    return true;
  }

  /** Save now what is not saved; give whether the server has all of it. */
  async function save() {
    while (running) await running;
    if (stopped || same()) return same();
    clearTimeout(timer);
    timer = null;
    running = once();
    const done = await running;
    running = null;
    return done && same();
  }

  /** Note that the text changed: keep it, or forget what was kept where it was undone. */
  function changed() {
    if (state.ended) return;
    if (same() && !running) {
      clearTimeout(timer);
      timer = null;
      forget(values.account, values.reading);
      return;
    }
    put();
    later();
  }

  function leave() {
    if (stopped || state.saved === null || same()) return;
    step += 1;
    panel.call("PUT", "/unsigned", { ...body(), reading_id: values.reading }, { keepalive: true }).catch(() => {});
  }

  window.addEventListener("pagehide", leave, { signal });
  window.addEventListener("online", () => { pause = EVERY; save(); }, { signal });
  window.addEventListener("focus", () => { pause = EVERY; if (state.saved !== null) save(); }, { signal });
  panel.hear("unlocked", () => { pause = EVERY; if (state.saved !== null) save(); });
  signal.addEventListener("abort", () => { clearTimeout(timer); stopped = true; });

  return {
    changed,
    save,
    state,
    /** Store for the panel that comes in this one's place what its values may not have yet: what was
     * typed or saved since it was asked for, when `asked` was the revision. */
    carry: (asked) => { if (!state.ended && (state.revision !== asked || !same())) put(); },
    /** Give whether a stored text is of this very page. */
    owns: (typed) => typed.page === page,
    /** Take what stands in the editor as kept. */
    begin: () => { state.saved = JSON.stringify(read()); },
    /** Wait until no save is on its way, and begin none by itself. */
    settled: async () => {
      while (running) await running;
      clearTimeout(timer);
      timer = null;
    },
    /** Go on after the person chose between two windows. */
    goOn: (revision) => { stopped = false; state.revision = revision; state.saved = ""; },
    /** Keep nothing any more: it was signed or given up. */
    end: () => { stopped = true; state.ended = true; clearTimeout(timer); forget(values.account, values.reading); },
  };
}
