// From study to study by keys: the focus itself moves, so Enter opens what it is on.

import { bind } from "../script/keys.js";

const LINKS = "a.open-study";

function move(place, step) {
  const links = [...place.querySelectorAll(LINKS)];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement?.closest("[data-study]")?.querySelector(LINKS));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  document.activeElement.closest("[data-study]").scrollIntoView({ block: "nearest" });
}

/** Bind the worklist's keys. */
export function bindKeys(place) {
  const words = place.dataset;
  for (const key of ["j", "ArrowDown"]) bind(key, words.keyNext, () => move(place, 1));
  for (const key of ["k", "ArrowUp"]) bind(key, words.keyPrevious, () => move(place, -1));
  bind("Home", words.keyFirst, () => place.querySelector(LINKS)?.focus());
  bind("/", words.keySearch, () => document.getElementById("worklist-text").focus());
  document.getElementById("worklist-text").addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.blur();
  });
  // A click anywhere in a row opens it, unless words are being marked in it.
  place.addEventListener("click", (event) => {
    const row = event.target.closest("[data-study]");
    if (!row || event.target.closest("a, button") || String(getSelection())) return;
    row.querySelector(LINKS).click();
  });
}
