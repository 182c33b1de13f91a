// Pages of operations look anew by themselves. They do not while somebody is in the middle of an act
// or looks elsewhere, and what was refused is told in its place.

const lock = () => document.querySelector("dialog[open]");

function busy(live) {
  if (document.hidden || lock()) return true;
  if (live.querySelector("details[open]")) return true;
  const at = document.activeElement;
  return live.contains(at) && at.matches("input, select, textarea");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.detail.elt;
  if (live.id !== "live") return;
  // An act that was done closes what it was done in, and shows what came of it.
  const told = event.detail.requestConfig.triggeringEvent?.type === "firstread:changed";
  if (!told && busy(live)) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  if (target.id !== "said") return;
  // A refusal has words for this place; a whole page of another failure has not.
  if (xhr.status === 422 || xhr.status === 503) event.detail.shouldSwap = true;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "said") return;
  for (const open of document.querySelectorAll("details.act[open]")) {
    if (event.detail.xhr.status < 400) open.open = false;
  }
});

// One act at a time, and Escape leaves it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.act[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
