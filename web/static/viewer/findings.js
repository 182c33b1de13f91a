// The findings' boxes on the page's film: told by the review or the talk, chosen by anybody, and
// moved or drawn here on demand. Everything passes by events of the body, named `firstread:...`.

import { BoxEditor } from "./box_editor.js";
import { BoxLayer } from "./boxes.js";

const FIRST_BOX = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };

function hear(name, act) {
  document.body.addEventListener(`firstread:${name}`, (event) => act(event.detail ?? {}));
}

export function emit(name, detail) {
  document.body.dispatchEvent(new CustomEvent(`firstread:${name}`, { bubbles: true, detail }));
}

/** Keep the boxes of a pane; gives their layer. */
export function findingsOn(pane, { shown, words }) {
  const layer = new BoxLayer(pane, { shown });
  let editor = null;

  function edit(options) {
    editor?.cancel();
    if (!pane.view) {
      options.left();
      return;
    }
    const ended = (act) => (boxes) => {
      editor = null;
      pane.host.classList.remove("editing");
      act(boxes);
    };
    pane.host.classList.add("editing");
    editor = new BoxEditor(pane, { words, ...options, finished: ended(options.finished), left: ended(options.left) });
  }

  hear("set-boxes", (finding) => layer.set(finding));
  hear("choose", ({ findingId }) => layer.choose(findingId ?? null));
  hear("edit-boxes", ({ findingId, boxes }) =>
    edit({
      boxes: boxes?.length ? boxes : [FIRST_BOX],
      finished: (moved) => emit("boxes-edited", { findingId, boxes: moved }),
      left: () => emit("edit-cancelled", { findingId }),
    }),
  );
  hear("draw-box", ({ label }) =>
    edit({
      boxes: [FIRST_BOX],
      drawing: true,
      finished: ([box]) => emit("box-drawn", { box, label }),
      left: () => emit("draw-cancelled", { label }),
    }),
  );
  return layer;
}

/** Choose what lies under a click; a click beside every box chooses nothing. */
export function chooseAt(layer, x, y) {
  if (!layer.pane.view) return;
  const findingId = layer.at(x, y);
  if (findingId !== layer.chosen) emit("choose", { findingId, by: "viewer" });
}
