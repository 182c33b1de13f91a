// Signing: the changes word by word, a box to tick, a button. No single key signs anything, and
// nothing is signed but the words that were shown.

import { bind } from "../script/keys.js";
import { part } from "./part.js";

export function signing(panel) {
  const { values, signal } = panel;
  const place = panel.find("signing");
  const form = panel.find("editor");

  let asking = false;

  const changed = (words) => JSON.stringify(panel.editor.read()) !== JSON.stringify(words);

  async function ask(way) {
    if (asking) return;
    asking = true;
    try {
      await show(way);
    } finally {
      asking = false;
    }
  }

  async function show(way) {
    if (way === "edit" && !(await panel.editor.flush())) {
      panel.tell("not_signed_yet");
      return;
    }
    const asked = way === "accept" ? values.standing : panel.editor.base();
    const words = way === "edit" ? panel.editor.read() : {};
    let brought;
    try {
      brought = await part(`${panel.place}/signing`, { version_id: asked, way, ...words });
    } catch (error) {
      panel.tell("not_done", { why: panel.why(error) });
      return;
    }
    // The panel that came in its place asks for itself.
    if (signal.aborted) return;
    if (way === "edit" && changed(words)) {
      panel.tell("changed_meanwhile");
      return;
    }
    place.replaceChildren(brought);
    wire(place.querySelector("dialog"), way, words);
  }

  function wire(dialog, way, words) {
    const own = dialog.querySelector("form");
    const now = own.querySelector("[data-sign-now]");
    own.querySelector("[data-read]").addEventListener("change", (event) => { now.disabled = !event.target.checked; });
    own.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!now.disabled) sign(dialog, own, way, words);
    });
    dialog.addEventListener("close", () => place.replaceChildren());
    dialog.showModal();
    own.querySelector("[data-cancel]").focus();
  }

  async function sign(dialog, own, way, words) {
    if (way === "edit" && changed(words)) {
      dialog.close();
      panel.tell("changed_meanwhile");
      return;
    }
    const button = own.querySelector("[data-sign-now]");
    const problem = own.querySelector("[data-problem]");
    const said = { version_id: own.dataset.version, password: own.elements.password?.value ?? "" };
    if (way === "edit") Object.assign(said, words, { revision: panel.editor.revision() });
    button.disabled = true;
    problem.hidden = true;
    try {
      const { version, stays } = await panel.call("POST", `/${way}`, said);
      panel.editor.end();
      dialog.close();
      panel.tell(stays ? "signed_stays" : "signed", { number: version.number });
      panel.emit("reviewed", { filmUid: values.film });
      panel.reload();
    } catch (error) {
      problem.textContent = panel.failed(error);
      problem.hidden = false;
      button.disabled = false;
    }
  }

  panel.find("accept")?.addEventListener("click", () => ask("accept"), { signal });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!panel.find("sign").disabled) ask("edit");
  }, { signal });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  }, { signal });
  const { keys } = values.words;
  bind("a", keys.accept, () => panel.find("accept")?.click());
  bind("Ctrl+Enter", keys.sign, () => { if (panel.editor.visible()) form.requestSubmit(); });
}
