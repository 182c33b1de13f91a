// The list of findings, with what persons say of each. A word on a finding brings this list anew and
// nothing else of the panel: the report beside it may be being typed.

import { findings } from "./findings.js";
import { fieldIn, goOnIn } from "./focus.js";
import { part } from "./part.js";
import { verdicts } from "./verdicts.js";

/** Where a person is among the findings: in a note, or on a button of one. */
function placeIn(section) {
  const at = document.activeElement;
  if (!section.contains(at)) return null;
  return { field: fieldIn(section), finding: at.closest("[data-finding]")?.dataset.finding, verdict: at.dataset.verdict };
}

/** Put the list to work; `before` is as for `findings`. Gives `panel` what the others ask of it. */
export function list(panel, before) {
  let section = panel.find("findings");
  let own = null;
  let turn = 0;

  function begin(values, asked) {
    own?.abort();
    own = new AbortController();
    const signal = AbortSignal.any([own.signal, panel.signal]);
    const hear = (name, act) => document.body.addEventListener(`firstread:${name}`, (event) => act(event.detail ?? {}), { signal });
    const ours = { ...panel, values, signal, hear, renew };
    ours.findings = panel.findings = findings(ours, asked);
    if (values.reading) verdicts(ours);
  }

  function comeBack(place) {
    if (!place || goOnIn(section, place.field)) return;
    const line = panel.findings.line(place.finding);
    const button = place.verdict && line?.querySelector(`[data-verdict="${place.verdict}"]`);
    (button || line?.querySelector("[data-choose]") || panel.root.querySelector("h2"))?.focus({ preventScroll: true });
  }

  async function renew() {
    turn += 1;
    const mine = turn;
    let came;
    try {
      came = await part(panel.place);
    } catch {
      panel.tell("not_shown");
      return;
    }
    if (mine !== turn || panel.signal.aborted) return;
    const values = came.querySelector("[data-review-values]");
    const fresh = came.querySelector("[data-findings]");
    const said = values && JSON.parse(values.textContent);
    if (!fresh || said.reading !== panel.values.reading) {
      panel.reload();
      return;
    }
    const place = placeIn(section);
    const chosen = panel.findings.chosen();
    const folds = [...section.querySelectorAll("details")].map((fold) => fold.open);
    own.abort();
    section.replaceWith(fresh);
    section = fresh;
    [...section.querySelectorAll("details")].forEach((fold, at) => { fold.open ||= folds[at] ?? false; });
    begin(said, { film: said.film, findingId: chosen, focused: false });
    comeBack(place);
  }

  panel.renew = renew;
  begin(panel.values, before);
}
