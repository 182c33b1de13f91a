// Asks once more for a review that could not be fetched: every few seconds, and as soon as a locked
// screen is open again. Where the server refuses it, asking again changes nothing.

const EVERY = 5000;

/** Watch the place of the review, and the review in it. */
export function askAgain(place) {
  let waiting = null;
  let timer = null;

  function again() {
    clearTimeout(timer);
    if (waiting?.isConnected) waiting.dispatchEvent(new CustomEvent("firstread:review-changed"));
    waiting = null;
  }

  function failed({ target, detail }) {
    if (target !== place && !target.matches("[data-review]")) return;
    const status = detail.xhr?.status ?? 0;
    if (status >= 400 && status < 500 && status !== 401) return;
    waiting = target;
    clearTimeout(timer);
    if (status !== 401) timer = setTimeout(again, EVERY);
  }

  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) place.addEventListener(failure, failed);
  document.body.addEventListener("firstread:unlocked", again);
}
