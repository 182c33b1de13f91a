// The notice that the lists may be old: each cause says its own words, the weightiest is shown.

const CAUSES = ["news", "lists"];

export class Trouble {
  #words = new Map();

  /** @param notice the element that is shown while there is any trouble */
  constructor(notice) {
    this.notice = notice;
  }

  /** Let a cause ("news" or "lists") say why the lists may be old, or "" once it has no reason to. */
  say(cause, words) {
    this.#words.set(cause, words);
    const shown = CAUSES.map((one) => this.#words.get(one)).find(Boolean) ?? "";
    // Who hears the page hears each change of it, and nothing twice.
    if (this.notice.textContent !== shown) this.notice.textContent = shown;
    this.notice.hidden = !shown;
  }
}
