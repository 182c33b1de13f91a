// What the model missed: a label, a box that is drawn on the film, and a note.

export function missed(panel) {
  const { values, signal } = panel;
  const form = panel.find("missed-form");
  const words = panel.find("missed-box");
  let box = null;

  panel.find("draw").addEventListener("click", () => {
    if (!form.reportValidity()) return;
    panel.emit("draw-box", { label: form.elements.label.value });
  }, { signal });
  panel.hear("box-drawn", (drawn) => {
    box = drawn.box;
    const edges = Object.fromEntries(["x1", "x2", "y1", "y2"].map((edge) => [edge, Math.round(box[edge] * 100)]));
    words.textContent = panel.say("box", edges);
    form.querySelector("[type=submit]").focus();
  });

  panel.hear("draw-cancelled", () => {
    panel.tell("not_drawn");
    panel.find("draw").focus();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { label, note } = form.elements;
    const said = { reading_id: values.reading, finding_id: null, verdict: "missed", label: label.value, boxes: box ? [box] : [], note: note.value };
    try {
      await panel.call("POST", "/verdicts", said);
    } catch (error) {
      panel.tell("not_done", { why: panel.why(error) });
      return;
    }
    panel.tell("judged");
    await panel.editor.flush();
    panel.reload();
  }, { signal });
}
