// The boxes of findings over a film, and their labels. They are drawn for the eye alone: the list
// of findings in the review says the same in words.

import { labelPlaces } from "./label_places.js";

const SVG = "http://www.w3.org/2000/svg";
const PAD = 5;
const FOOT = 24;

function made(parent, name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return parent.appendChild(element);
}

/** Give the rectangle of the pane that a box of the stored matrix covers. */
export function screenBox(view, { x1, y1, x2, y2 }) {
  const [left, top] = view.toScreen(x1, y1);
  const [right, bottom] = view.toScreen(x2, y2);
  return {
    x: Math.min(left, right),
    y: Math.min(top, bottom),
    width: Math.abs(right - left),
    height: Math.abs(bottom - top),
  };
}

export class BoxLayer {
  constructor(pane, { shown }) {
    this.pane = pane;
    this.shown = shown;
    this.alone = false;
    this.chosen = null;
    this.findings = new Map();
    this.svg = made(pane.host, "svg", { class: "boxes", "aria-hidden": "true" });
    this.outlines = made(this.svg, "g");
    this.labels = made(this.svg, "g");
    pane.addEventListener("view", () => this.draw());
  }

  /** Draw a finding, or draw it anew; no boxes remove it. */
  set({ findingId, label, boxes, source, presence }) {
    if (boxes?.length) this.findings.set(findingId, { label: label ?? "", boxes, source, presence });
    else this.findings.delete(findingId);
    this.draw();
  }

  choose(findingId) {
    this.chosen = findingId;
    const boxes = this.findings.get(findingId)?.boxes;
    if (boxes && this.pane.view) {
      const { x1, y1, x2, y2 } = boxes[0];
      this.pane.move((view) => view.reveal((x1 + x2) / 2, (y1 + y2) / 2));
    }
    this.draw();
  }

  show(shown, alone = this.alone) {
    this.shown = shown;
    this.alone = alone;
    this.draw();
  }

  /** Give the finding whose smallest box lies at a point of the pane; null for none. */
  at(x, y) {
    const [u, v] = this.pane.view.toImage(x, y);
    let found = null;
    let least = Infinity;
    for (const [findingId, { boxes }] of this.visible()) {
      for (const { x1, y1, x2, y2 } of boxes) {
        const area = (x2 - x1) * (y2 - y1);
        if (u >= x1 && u <= x2 && v >= y1 && v <= y2 && area < least) [found, least] = [findingId, area];
      }
    }
    return found;
  }

  visible() {
    if (!this.shown) return [];
    const one = this.alone || !this.findings.has(this.chosen) ? null : this.chosen;
    const all = [...this.findings].filter(([findingId]) => !this.alone || findingId === this.chosen);
    // The chosen one last, so that it is drawn over the others.
    return all.sort(([left], [right]) => (left === one) - (right === one));
  }

  draw() {
    this.outlines.replaceChildren();
    this.labels.replaceChildren();
    const { view } = this.pane;
    if (!view) return;
    this.outlines.setAttribute("transform", `matrix(${view.matrix().join(" ")})`);
    const drawn = this.visible().flatMap(([findingId, finding]) =>
      finding.boxes.map((box) => this.outline(findingId, finding, box, view)),
    );
    const texts = drawn.filter(({ finding }) => finding.label).map((one) => ({ ...one, ...this.label(one) }));
    // Zoom and window stand at the foot of the pane.
    const area = { width: view.width, height: view.height - FOOT };
    const order = texts.reverse();
    const places = labelPlaces(order, drawn.map(({ box }) => box), area);
    order.forEach((text, at) => this.place(text, places[at]));
  }

  outline(findingId, finding, { x1, y1, x2, y2 }, view) {
    const chosen = findingId === this.chosen;
    const names = ["box", `of-${finding.source ?? "model"}`, finding.presence ?? "present"];
    if (chosen) names.push("chosen");
    else if (this.findings.has(this.chosen)) names.push("other");
    const place = { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
    made(this.outlines, "rect", { ...place, class: `${names.join(" ")} under` });
    made(this.outlines, "rect", { ...place, class: names.join(" "), "data-finding": findingId });
    return { finding, names, box: screenBox(view, { x1, y1, x2, y2 }) };
  }

  label({ finding, names }) {
    const group = made(this.labels, "g", { class: names.join(" ").replace("box", "label") });
    const line = made(group, "line");
    const ground = made(group, "rect", { rx: 3 });
    const text = made(group, "text");
    text.textContent = finding.label;
    const { width, height } = text.getBBox();
    return { line, ground, text, width: width + 2 * PAD, height: height + PAD };
  }

  place({ box, line, ground, text, width, height }, place) {
    for (const [key, value] of Object.entries({ ...place, width, height })) ground.setAttribute(key, value);
    text.setAttribute("x", place.x + PAD);
    text.setAttribute("y", place.y + height / 2);
    const x = Math.min(Math.max(place.x + width / 2, box.x), box.x + box.width);
    const y = Math.min(Math.max(place.y + height / 2, box.y), box.y + box.height);
    const [nearX, nearY] = [
      Math.min(Math.max(x, place.x), place.x + width),
      Math.min(Math.max(y, place.y), place.y + height),
    ];
    for (const [key, value] of Object.entries({ x1: nearX, y1: nearY, x2: x, y2: y })) line.setAttribute(key, value);
  }
}
