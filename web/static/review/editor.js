// The editor: plain text in two sections, kept while one types, opened where something was typed.

import { bind } from "../script/keys.js";
import { keeper } from "./keeper.js";
import { forget, stored } from "./typed.js";
import { leftOvers } from "./left_over.js";

export function editor(panel) {
  const { root, values, signal } = panel;
  const form = panel.find("editor");
  const { findings, impression } = form.elements;
  const saved = panel.find("saved");
  let last = findings;
  for (const field of [findings, impression]) field.setSelectionRange(field.value.length, field.value.length);

  const read = () => ({ findings: findings.value, impression: impression.value });
  const status = (word, filling) => { saved.textContent = panel.say(word, filling); saved.dataset.state = word; };
  const keep = keeper(panel, { read, status, other: chooseWindow });
  const signed = JSON.stringify(read());
  keep.begin();

  function write(text) {
    findings.value = text.findings;
    impression.value = text.impression;
  }

  /** Take a text over from elsewhere, and nothing away that was typed here. */
  function add(text) {
    const here = differs() ? read() : { findings: "", impression: "" };
    const both = (one, other) => (one.includes(other.trim()) ? one : [one.trimEnd(), other].filter(Boolean).join("\n"));
    write({ findings: both(here.findings, text.findings), impression: both(here.impression, text.impression) });
    show();
    findings.focus();
    changed();
    return keep.save();
  }

  const differs = () => values.revision > 0 || keep.state.revision > 0 || JSON.stringify(read()) !== signed;

  function shown() {
    const changed = differs();
    const accept = panel.find("accept");
    if (accept) accept.disabled = changed;
    panel.find("accept-why").hidden = !changed || !accept;
  }

  function show() {
    form.hidden = false;
    root.classList.add("editing");
  }

  function hide() {
    form.hidden = true;
    root.classList.remove("editing");
    panel.find("edit").focus();
  }

  function changed() {
    keep.changed();
    shown();
  }

  /** Two windows of one person: show both texts, and go on with the one that the person chooses. */
  async function chooseWindow() {
    const dialog = panel.find("windows-dialog");
    let there;
    try {
      ({ unsigned: there } = await panel.call("GET", ""));
    } catch {
      if (signal.aborted) return;
      keep.goOn(keep.state.revision);
      status("not_kept");
      setTimeout(changed, 5000);
      return;
    }
    if (signal.aborted) return;
    if (!there) {
      keep.goOn(0);
      await keep.save();
      return;
    }
    panel.find("here").textContent = `${findings.value}\n\n${impression.value}`;
    panel.find("there").textContent = `${there.findings}\n\n${there.impression}`;
    dialog.addEventListener("cancel", (event) => event.preventDefault(), { signal });
    dialog.addEventListener("close", async () => {
      if (dialog.returnValue === "there") write(there);
      keep.goOn(there.revision);
      await keep.save();
    }, { signal, once: true });
    dialog.showModal();
  }

  /** Put a sentence where the cursor last was. */
  function insert(text) {
    if (keep.state.ended) {
      panel.tell("not_shown");
      return;
    }
    show();
    const before = last.value.slice(0, last.selectionStart);
    const space = before && !/\s$/.test(before) ? " " : "";
    last.setRangeText(`${space}${text.trim()} `, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    changed();
    panel.tell("inserted");
  }

  /** Take nothing any more: what would be typed until the panel comes anew would be lost. */
  function end() {
    keep.end();
    findings.readOnly = true;
    impression.readOnly = true;
  }

  async function discard() {
    // A save that is on its way would bring the text back.
    await keep.settled();
    try {
      if (keep.state.revision) {
        const query = new URLSearchParams({ reading_id: values.reading, revision: keep.state.revision });
        await panel.call("DELETE", `/unsigned?${query}`);
      }
    } catch (error) {
      panel.failed(error);
      return;
    }
    end();
    panel.tell("discarded");
    panel.reload();
  }

  /** Bring back what this tab had and the server did not get. */
  function restore() {
    const typed = stored(values.account, values.reading);
    if (!typed) return;
    const own = keep.owns(typed);
    const known = own || values.revision === typed.revision || values.page === typed.page;
    const same = JSON.stringify({ findings: typed.findings, impression: typed.impression }) === JSON.stringify(read());
    if (same && !(own && values.revision !== typed.revision)) {
      forget(values.account, values.reading);
      return;
    }
    write(typed);
    keep.state.base = typed.version_id;
    // This panel's values may be older than what this page saved: the server says which text is whose.
    if (own) keep.goOn(typed.revision);
    show();
    if (known || !values.revision) keep.save().then((done) => { if (done && keep.state.base !== values.base) panel.reload(); });
    else chooseWindow();
  }

  for (const field of [findings, impression]) {
    field.addEventListener("input", changed, { signal });
    field.addEventListener("blur", () => keep.save(), { signal });
    field.addEventListener("focus", () => { last = field; }, { signal });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") panel.find("edit").focus();
    }, { signal });
  }
  panel.find("edit").addEventListener("click", () => { show(); last.focus(); }, { signal });
  panel.find("close-editor").addEventListener("click", () => { keep.save(); hide(); }, { signal });
  panel.find("discard").addEventListener("click", () => {
    if (differs()) panel.find("discard-dialog").showModal();
    else hide();
  }, { signal });
  panel.find("discard-dialog").addEventListener("close", (event) => {
    if (event.target.returnValue === "discard") discard();
  }, { signal });
  panel.find("go-on")?.addEventListener("click", async () => {
    keep.state.base = values.standing;
    keep.goOn(keep.state.revision);
    if (await keep.save()) panel.reload();
  }, { signal });
  panel.hear("insert-text", ({ text }) => insert(text));
  leftOvers(panel, add);
  bind("e", values.words.keys.edit, () => { show(); last.focus(); });
  if (values.revision) show();
  restore();
  shown();

  return {
    read,
    /** Go on typing in it after the panel came anew. */
    show,
    ended: () => keep.state.ended,
    carry: keep.carry,
    flush: () => keep.save(),
    base: () => keep.state.base,
    revision: () => keep.state.revision,
    end,
    visible: () => !form.hidden,
  };
}
