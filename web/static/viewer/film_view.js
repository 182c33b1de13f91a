// A pane with all that belongs to it: caption, marks, what is being loaded, and why it cannot be.

import { gestures } from "./gestures.js";
import { marks } from "./marks.js";
import { Pane } from "./pane.js";

export class FilmView {
  /** `element` is the pane of the page, whose data say which film; `words` are the page's. */
  constructor(element, words, { tool, active, click }) {
    this.element = element;
    this.words = words;
    this.state = element.querySelector(".pane-state");
    this.progress = element.querySelector("progress");
    this.pane = new Pane(element);
    marks(this.pane, words.marks);
    gestures(this.pane, { tool, active: () => active(this), click: (x, y) => click?.(x, y) });
    element.addEventListener("focusin", () => active(this));
    this.pane.addEventListener("painted", () => this.endFirstLook(), { once: true });
    this.pane.addEventListener("seen", () => this.say("preview", words.states.coming));
    this.pane.addEventListener("whole", () => this.say("whole", ""));
    this.again = () => element.dataset.shown === "failed" && this.load();
    document.body.addEventListener("firstread:unlocked", this.again);
  }

  say(shown, words) {
    this.element.dataset.shown = shown;
    this.state.textContent = words;
    this.progress.hidden = shown !== "preview";
  }

  /** Take away the plain picture that the page brought for the time until the film is painted. */
  endFirstLook() {
    this.element.querySelector(".first-look")?.remove();
  }

  /** Load the film, or say why it cannot be shown; never throws. */
  async load() {
    this.say("nothing", this.words.states.loading);
    try {
      await this.pane.load(this.element.dataset.address, (share) => {
        this.progress.value = share;
      });
    } catch (error) {
      const seen = this.element.dataset.shown === "preview";
      const words = seen ? this.words.states.incomplete : this.words.states.failed;
      if (!seen) this.endFirstLook();
      this.say("failed", `${words} ${error.message}`);
    }
  }

  close() {
    document.body.removeEventListener("firstread:unlocked", this.again);
    this.pane.close();
    this.element.remove();
  }
}
