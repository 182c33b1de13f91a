// When the lists are loaded: a moment after news that touches them, at most every few seconds and
// one load at a time. News that comes meanwhile waits for the next load and ends none, so that the
// lists of a slow server come late, but come; how late they are is told.

const MOMENT_MS = 700;
const AT_MOST_EVERY_MS = 3_000;
const AGAIN_AFTER_MS = 5_000;
const BEHIND_AFTER_MS = 10_000;
const LONGEST_MS = 60_000;

export class Loader {
  #edition = "";
  #loading = null;
  #started = 0;
  #failed = false;
  /** Since when something is to be shown that the load under way, or a failed one, is for. */
  #carried = null;
  /** Since when something is to be shown for which no load has begun. */
  #waiting = null;
  #next = null;
  #late = null;

  /** @param lists what is loaded; @param trouble told when the lists are old; @param words what it is told */
  constructor(lists, trouble, words) {
    this.lists = lists;
    this.trouble = trouble;
    this.words = words;
  }

  /** Load the lists soon, since an edition of the worklist was heard of that they do not show. */
  soon(edition) {
    this.#edition = edition;
    this.#waiting ??= Date.now();
    if (!this.#loading) this.#plan();
    this.#tell();
  }

  /** Load the lists at once, for another filter or search: what is under way is of no use any more. */
  async now() {
    clearTimeout(this.#next);
    this.#next = null;
    this.#loading?.abort();
    const mine = new AbortController();
    this.#loading = mine;
    this.#started = Date.now();
    this.#carried ??= this.#waiting ?? this.#started;
    this.#waiting = null;
    this.#tell();
    const limit = setTimeout(() => mine.abort(), LONGEST_MS);
    const end = await this.lists.load(this.#edition, mine.signal).catch(() => "failed");
    clearTimeout(limit);
    // Another one took its place.
    if (this.#loading !== mine) return;
    this.#loading = null;
    this.#failed = end === "failed";
    if (this.#failed) this.#plan(AGAIN_AFTER_MS);
    if (end === "shown") this.#carried = null;
    // Where the session was refused, the page that is open again asks by itself.
    if (this.#waiting !== null && end !== "refused") this.#plan();
    this.#tell();
  }

  #plan(wait = Math.max(Math.random() * MOMENT_MS, this.#started + AT_MOST_EVERY_MS - Date.now())) {
    this.#next ??= setTimeout(() => this.now(), wait);
  }

  #tell() {
    clearTimeout(this.#late);
    const since = this.#carried ?? this.#waiting;
    const left = since === null ? Infinity : since + BEHIND_AFTER_MS - Date.now();
    if (left > 0 && since !== null) this.#late = setTimeout(() => this.#tell(), left);
    const words = this.#failed ? this.words.failed : this.words.behind;
    this.trouble.say("lists", this.#failed || left <= 0 ? words : "");
  }
}
