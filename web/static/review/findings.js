// The list of findings: which one is chosen, here and on the film, and the sentences that state it.

import { bind } from "../script/keys.js";
import { fieldIn } from "./focus.js";

// What the viewer was told of the film, so that it forgets what is gone when the panel comes anew.
let told = { film: null, ids: new Set() };

/** Wire the list; `before` says what was chosen, and whether by hand, before the panel came anew. */
export function findings(panel, before) {
  const { root, values, signal } = panel;
  const lines = [...root.querySelectorAll("[data-finding]")];
  const sentences = [...root.querySelectorAll("[data-leads]")];
  const known = new Map([...values.findings, ...values.sentences].map((one) => [one.id, one]));
  let chosen = null;

  function tellViewer() {
    const gone = told.film === values.film ? [...told.ids].filter((id) => !known.get(id)?.boxes.length) : [];
    for (const id of gone) panel.emit("set-boxes", { findingId: id, label: "", presence: "present", source: "model", boxes: [] });
    told = { film: values.film, ids: new Set([...known.values()].filter((one) => one.boxes.length).map((one) => one.id)) };
    for (const { id, label, presence, source, boxes } of known.values()) {
      if (boxes.length) panel.emit("set-boxes", { findingId: id, label, presence, source, boxes });
    }
  }

  function show(findingId) {
    chosen = findingId;
    for (const line of lines) {
      const own = line.dataset.finding === findingId;
      line.classList.toggle("chosen", own);
      line.querySelector("[data-choose]").setAttribute("aria-expanded", String(own));
      line.querySelector("[data-more]").hidden = !own;
      if (own) {
        const fold = line.closest("details");
        if (fold) fold.open = true;
        if (!fieldIn(root)) line.scrollIntoView({ block: "nearest" });
      }
    }
    for (const sentence of sentences) {
      sentence.classList.toggle("chosen", findingId !== null && sentence.dataset.leads.split(" ").includes(findingId));
    }
  }

  function choose(findingId) {
    panel.emit("choose", { findingId, by: "review" });
  }

  function step(by) {
    const order = lines.filter((line) => !line.classList.contains("absent")).map((line) => line.dataset.finding);
    if (!order.length) return;
    const at = order.indexOf(chosen);
    const next = order[at < 0 ? (by > 0 ? 0 : order.length - 1) : (at + by + order.length) % order.length];
    choose(next);
    lines.find((line) => line.dataset.finding === next).querySelector("[data-choose]").focus({ preventScroll: true });
  }

  for (const line of lines) {
    const own = line.dataset.finding;
    line.querySelector("[data-choose]").addEventListener("click", () => choose(chosen === own ? null : own), { signal });
  }
  for (const sentence of sentences) {
    sentence.addEventListener("click", (event) => {
      event.preventDefault();
      const leads = sentence.dataset.leads.split(" ");
      choose(leads[(leads.indexOf(chosen) + 1) % leads.length]);
    }, { signal });
  }
  panel.hear("choose", ({ findingId }) => show(findingId ?? null));
  panel.hear("film-shown", ({ filmUid }) => { if (filmUid === values.film) tellViewer(); });
  const { keys } = values.words;
  for (const key of ["f", "]"]) bind(key, keys.next_finding, () => step(1));
  for (const key of ["F", "["]) bind(key, keys.previous_finding, () => step(-1));
  tellViewer();
  if (before.film === values.film) {
    if (known.has(before.findingId)) choose(before.findingId);
    const line = lines.find((one) => one.dataset.finding === before.findingId);
    if (before.focused) (line?.querySelector("[data-choose]") ?? root.querySelector("h2"))?.focus({ preventScroll: true });
  }

  return {
    chosen: () => chosen,
    line: (findingId) => lines.find((line) => line.dataset.finding === findingId),
    known: (findingId) => known.get(findingId),
  };
}
