// The lists as they are on the page: loaded anew as a whole, with the focus where it was.

import { searched } from "./filters.js";

const URGENT = ".tier-urgent";

export class Lists {
  /** @param place the element that holds them; @param announce says words to who does not see */
  constructor(place, announce) {
    this.place = place;
    this.announce = announce;
  }

  /** What the lists say of themselves: which part they show, and where they end. */
  get shown() {
    return JSON.parse(document.getElementById("worklist-shown").textContent);
  }

  /** Whether a study is on the page. */
  has(uid) {
    return this.place.querySelector(`[data-study="${CSS.escape(uid)}"]`) !== null;
  }

  /**
   * Load the lists anew.
   *
   * @param edition of the worklist, which they are not to be older than
   * @param signal ends it early
   * @returns "shown", or "refused" where the session does not go on; throws where they do not come
   */
  async load(edition, signal) {
    const answer = await this.#answer(edition, signal);
    if (answer.status === 401) {
      this.refused();
      return "refused";
    }
    if (!answer.ok) throw new Error(answer.statusText);
    this.#show(await answer.text());
    return "shown";
  }

  /** Let the page find out whether the session goes on. */
  refused() {
    document.dispatchEvent(new CustomEvent("firstread:refused"));
  }

  /** Show other numbers at the heads of the parts. */
  count(numbers) {
    for (const place of document.querySelectorAll("[data-count]")) {
      const number = numbers[place.dataset.count];
      if (number !== undefined) place.textContent = number;
    }
    for (const link of document.querySelectorAll("[data-overdue]")) {
      link.hidden = !numbers.overdue && !link.hasAttribute("aria-current");
    }
  }

  #answer(edition, signal) {
    const headers = { "HX-Request": "true", "X-Edition": edition };
    const text = searched();
    if (!text) return fetch(this.place.dataset.lists + location.search, { headers, signal });
    headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf-token"]').content;
    const body = new URLSearchParams({ text });
    return fetch(this.place.dataset.search + location.search, { method: "POST", headers, body, signal });
  }

  #show(markup) {
    const focused = this.place.contains(document.activeElement)
      ? document.activeElement.closest("[data-study]")?.dataset.study
      : undefined;
    const urgent = new Set([...this.place.querySelectorAll(URGENT)].map((row) => row.dataset.study));
    const parts = new DOMParser().parseFromString(markup, "text/html").body;
    this.place.replaceChildren(...parts.childNodes);
    if (focused) this.#row(focused)?.querySelector("a.open-study").focus();
    const { drafts, noResult, overdue } = this.shown;
    this.count({ drafts, no_result: noResult, overdue });
    const fresh = [...this.place.querySelectorAll(URGENT)].find((row) => !urgent.has(row.dataset.study));
    if (fresh) this.announce(this.place.dataset.urgent.replace("{}", fresh.querySelector("a.open-study").textContent));
    this.place.dispatchEvent(new CustomEvent("firstread:lists-loaded"));
  }

  #row(uid) {
    return this.place.querySelector(`[data-study="${CSS.escape(uid)}"]`);
  }
}
