// What a person says of a finding: right, wrong, elsewhere, with a note. Each word is kept at once; a
// note on a finding that no word was said of waits in the tab for one.

import { bind } from "../script/keys.js";
import { unsaid } from "./unsaid.js";

// The finding whose box is being moved on the film, while lists come and go.
let moving = null;

const noteOf = (findingId) => `note:${findingId}`;

export function verdicts(panel) {
  const { root, values, signal } = panel;
  const kept = unsaid(values);
  const sent = new Map();

  async function give(findingId, verdict, more = {}) {
    const line = panel.findings.line(findingId);
    const note = line?.querySelector("[data-note]")?.value ?? "";
    sent.set(findingId, note);
    try {
      await panel.call("POST", "/verdicts", { reading_id: values.reading, finding_id: findingId, verdict, note, ...more });
    } catch (error) {
      sent.delete(findingId);
      panel.failed(error);
      return;
    }
    // A word that was taken back leaves its note to the person.
    if (verdict === null && note && !line.classList.contains("added")) kept.put(noteOf(findingId), note);
    panel.tell("judged");
    await panel.renew();
  }

  function said(findingId) {
    return panel.findings.line(findingId)?.querySelector('[data-verdict][aria-pressed="true"]')?.dataset.verdict ?? null;
  }

  function move(findingId) {
    panel.tell("move");
    // The sitting over another finding's box ends with this one's begin.
    if (moving === findingId) return;
    moving = findingId;
    panel.emit("edit-boxes", { findingId, boxes: panel.findings.known(findingId).boxes });
  }

  function stays(findingId) {
    if (moving !== findingId) return;
    moving = null;
    panel.tell("stays");
    panel.findings.line(findingId)?.querySelector("[data-verdict^=move]")?.focus();
  }

  function moved(findingId, boxes) {
    moving = null;
    const line = panel.findings.line(findingId);
    if (line) give(findingId, line.classList.contains("added") ? "missed" : "moved", { boxes });
  }

  function act(findingId, verdict) {
    const line = panel.findings.line(findingId);
    if (!line?.querySelector(`[data-verdict="${verdict}"]`)) return;
    if (verdict === "move" || verdict === "move-missed") move(findingId);
    else if (verdict === "take-back" || said(findingId) === verdict) give(findingId, null);
    else give(findingId, verdict);
  }

  for (const button of root.querySelectorAll("[data-verdict]")) {
    const { finding } = button.closest("[data-finding]").dataset;
    button.addEventListener("click", () => act(finding, button.dataset.verdict), { signal });
  }
  for (const note of root.querySelectorAll("[data-note]")) {
    const line = note.closest("[data-finding]");
    const findingId = line.dataset.finding;
    const typed = kept.get(noteOf(findingId));
    if (typed === note.defaultValue) kept.put(noteOf(findingId), null);
    else if (typed !== null) note.value = typed;
    const say = () => {
      if (note.value === (sent.get(findingId) ?? note.defaultValue)) return;
      const word = line.classList.contains("added") ? "missed" : said(findingId);
      if (word === null) return;
      const placed = word === "missed" || word === "move";
      const boxes = placed ? panel.findings.known(findingId).boxes : [];
      give(findingId, word === "move" ? "moved" : word, { boxes });
    };
    note.addEventListener("input", () => kept.put(noteOf(findingId), note.value === note.defaultValue ? null : note.value), { signal });
    // A note that was carried over changed before, so that leaving it is no change to the browser.
    for (const left of ["change", "blur"]) note.addEventListener(left, say, { signal });
  }
  panel.hear("edit-cancelled", ({ findingId }) => stays(findingId));
  panel.hear("boxes-edited", ({ findingId, boxes }) => moved(findingId, boxes));
  const { keys } = values.words;
  for (const [key, words, verdict] of [["y", keys.right, "right"], ["w", keys.wrong, "wrong"], ["m", keys.elsewhere, "move"]]) {
    bind(key, words, () => act(panel.findings.chosen(), verdict));
  }
}
