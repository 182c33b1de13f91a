// Moving and drawing boxes by hand, or by keys: one sitting at a time. What a person makes of the
// boxes is told when it is done; until then nothing of it is anybody's.

import { screenBox } from "./boxes.js";

const STEP = 4;
const LEAST = 6;
const EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function held(number) {
  return Math.min(1, Math.max(0, number));
}

function underIt(view, { x, y, width, height }) {
  const [u1, v1] = view.toImage(x, y);
  const [u2, v2] = view.toImage(x + width, y + height);
  return { x1: Math.min(u1, u2), y1: Math.min(v1, v2), x2: Math.max(u1, u2), y2: Math.max(v1, v2) };
}

/** Give the box of the stored matrix under a rectangle of the pane, cut at the film's edges. */
export function imageBox(view, place) {
  const { x1, y1, x2, y2 } = underIt(view, place);
  return { x1: held(x1), y1: held(y1), x2: held(x2), y2: held(y2) };
}

/** Give the same, moved back from the film's edges, and as large as the rectangle. */
function wholeBox(view, place) {
  const { x1, y1, x2, y2 } = underIt(view, place);
  const back = (low, high) => Math.max(0, -low) + Math.min(0, 1 - high);
  const [x, y] = [back(x1, x2), back(y1, y2)];
  return { x1: held(x1 + x), y1: held(y1 + y), x2: held(x2 + x), y2: held(y2 + y) };
}

function pulled(place, edge, x, y) {
  let { x: left, y: top } = place;
  let [right, bottom] = [left + place.width, top + place.height];
  if (edge === "all") [left, right, top, bottom] = [left + x, right + x, top + y, bottom + y];
  if (edge.includes("w")) left = Math.min(left + x, right - LEAST);
  if (edge.includes("e")) right = Math.max(right + x, left + LEAST);
  if (edge.includes("n")) top = Math.min(top + y, bottom - LEAST);
  if (edge.includes("s")) bottom = Math.max(bottom + y, top + LEAST);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export class BoxEditor {
  /** `words` are {box, hint, done, cancel}; `finished` and `left` end a sitting. */
  constructor(pane, { words, boxes, drawing, finished, left }) {
    Object.assign(this, { pane, words, finished, left, drawing, boxes: boxes.map((box) => ({ ...box })) });
    this.layer = document.createElement("div");
    this.layer.className = drawing ? "box-editor over-film drawing" : "box-editor over-film";
    this.frames = this.boxes.map((_, at) => this.frame(at));
    this.layer.append(...this.frames, this.controls());
    pane.host.append(this.layer);
    this.follow = () => this.place();
    pane.addEventListener("view", this.follow);
    if (drawing) this.layer.addEventListener("pointerdown", (event) => this.draw(event));
    this.place();
    this.frames[0]?.focus();
  }

  frame(at) {
    const frame = document.createElement("div");
    frame.className = "edited-box";
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", `${this.words.box} ${at + 1}. ${this.words.hint}`);
    for (const edge of EDGES) {
      const handle = frame.appendChild(document.createElement("span"));
      handle.className = `handle ${edge}`;
      handle.dataset.edge = edge;
    }
    frame.addEventListener("pointerdown", (event) => this.grasp(event, at));
    frame.addEventListener("keydown", (event) => this.key(event, at));
    return frame;
  }

  controls() {
    const bar = document.createElement("div");
    bar.className = "editor-bar";
    const hint = bar.appendChild(document.createElement("span"));
    hint.textContent = this.words.hint;
    for (const [words, act] of [[this.words.done, () => this.finish()], [this.words.cancel, () => this.cancel()]]) {
      const button = bar.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = words;
      button.addEventListener("click", act);
    }
    bar.addEventListener("keydown", (event) => event.key === "Escape" && this.cancel());
    return bar;
  }

  place() {
    this.frames.forEach((frame, at) => {
      const { x, y, width, height } = screenBox(this.pane.view, this.boxes[at]);
      Object.assign(frame.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
    });
  }

  pull(at, edge, x, y, from = screenBox(this.pane.view, this.boxes[at])) {
    const box = (edge === "all" ? wholeBox : imageBox)(this.pane.view, pulled(from, edge, x, y));
    if (box.x2 > box.x1 && box.y2 > box.y1) this.boxes[at] = box;
    this.place();
  }

  grasp(event, at) {
    if (event.button !== 0) return;
    event.stopPropagation();
    const frame = this.frames[at];
    const edge = event.target.dataset.edge ?? "all";
    const from = screenBox(this.pane.view, this.boxes[at]);
    this.track(event, frame, (x, y) => this.pull(at, edge, x, y, from));
  }

  /** A new box in the place of the first, from where the pointer goes down to where it is lifted. */
  draw(event) {
    if (event.button !== 0 || event.target.closest(".editor-bar")) return;
    const place = this.layer.getBoundingClientRect();
    const from = { x: event.clientX - place.x, y: event.clientY - place.y, width: 0, height: 0 };
    const drag = (x, y) => {
      const [left, top] = [Math.min(0, x), Math.min(0, y)];
      const drawn = { x: from.x + left, y: from.y + top, width: Math.abs(x), height: Math.abs(y) };
      this.large = drawn.width >= LEAST && drawn.height >= LEAST;
      if (this.large) this.pull(0, "", 0, 0, drawn);
    };
    this.track(event, this.layer, drag, () => this.large && this.finish());
  }

  track(event, element, drag, end = () => {}) {
    const [startX, startY] = [event.clientX, event.clientY];
    element.setPointerCapture(event.pointerId);
    const move = (moved) => drag(moved.clientX - startX, moved.clientY - startY);
    const up = () => {
      element.removeEventListener("pointermove", move);
      end();
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up, { once: true });
  }

  key(event, at) {
    const way = WAYS[event.key];
    if (way) {
      const step = event.ctrlKey || event.metaKey ? 1 : STEP;
      this.pull(at, event.shiftKey ? "se" : "all", way[0] * step, way[1] * step);
    } else if (event.key === "Enter") this.finish();
    else if (event.key === "Escape") this.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  finish() {
    const { boxes } = this;
    this.close();
    this.finished(boxes);
  }

  cancel() {
    this.close();
    this.left();
  }

  close() {
    this.pane.removeEventListener("view", this.follow);
    this.layer.remove();
    this.pane.host.focus();
  }
}
