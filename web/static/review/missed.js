// What the model missed: a label, a box that is drawn on the film, and a note.

import { unsaid } from "./unsaid.js";

const NAME = "missed";

export function missed(panel) {
  const { values, signal } = panel;
  const fold = panel.find("missed");
  const form = panel.find("missed-form");
  const words = panel.find("missed-box");
  const noBox = words.textContent;
  const kept = unsaid(values);
  const { label, note } = form.elements;
  let box = null;

  const typed = () => ({ label: label.value, note: note.value, box });
  const isEmpty = () => !label.value && !note.value && !box;
  const keep = () => kept.put(NAME, isEmpty() ? null : typed());

  function take(drawn) {
    box = drawn;
    const edges = box && Object.fromEntries(["x1", "x2", "y1", "y2"].map((edge) => [edge, Math.round(box[edge] * 100)]));
    words.textContent = box ? panel.say("box", edges) : noBox;
  }

  function clear() {
    form.reset();
    take(null);
    keep();
    if (!form.contains(document.activeElement)) return;
    fold.open = false;
    fold.querySelector("summary").focus();
  }

  const before = kept.get(NAME);
  if (before) {
    [label.value, note.value] = [before.label, before.note];
    take(before.box);
    fold.open = true;
  }
  form.addEventListener("input", keep, { signal });

  panel.find("draw").addEventListener("click", () => {
    if (!form.reportValidity()) return;
    panel.emit("draw-box", { label: label.value });
  }, { signal });
  panel.hear("box-drawn", (drawn) => {
    take(drawn.box);
    keep();
    form.querySelector("[type=submit]").focus();
  });

  panel.hear("draw-cancelled", () => {
    panel.tell("not_drawn");
    panel.find("draw").focus();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    const given = typed();
    const said = { reading_id: values.reading, finding_id: null, verdict: "missed", label: given.label, boxes: box ? [box] : [], note: given.note };
    button.disabled = true;
    try {
      await panel.call("POST", "/verdicts", said);
    } catch (error) {
      panel.failed(error);
      return;
    } finally {
      button.disabled = false;
    }
    panel.tell("judged");
    // What was typed meanwhile is of the next one.
    if (JSON.stringify(typed()) === JSON.stringify(given)) clear();
    await panel.renew();
  }, { signal });
}
