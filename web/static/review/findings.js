// The list of findings: which one is chosen, here and on the film, and the sentences that state it.

import { bind } from "../script/keys.js";

/** Wire the list; `before` says what was chosen before the panel was loaded anew. */
export function findings(panel, before) {
  const { root, values, signal } = panel;
  const lines = [...root.querySelectorAll("[data-finding]")];
  const sentences = [...root.querySelectorAll("[data-leads]")];
  const known = new Map([...values.findings, ...values.sentences].map((one) => [one.id, one]));
  let chosen = null;

  function tellViewer() {
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
        line.scrollIntoView({ block: "nearest" });
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
  if (before && before.film === values.film && known.has(before.findingId)) choose(before.findingId);

  return {
    chosen: () => chosen,
    line: (findingId) => lines.find((line) => line.dataset.finding === findingId),
    known: (findingId) => known.get(findingId),
  };
}
