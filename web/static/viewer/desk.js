// The films that lie side by side: the study's own, and an earlier one beside it. Buttons and keys
// act on the one that was last touched; moved together where that is wanted.

import { FilmView } from "./film_view.js";
import { chooseAt, findingsOn } from "./findings.js";

export class Desk {
  /** `element` is the page's film, `changed` is called when buttons have to be brought up to date. */
  constructor(element, words, { boxesShown, changed }) {
    this.words = words;
    this.changed = () => changed();
    this.tool = "window";
    this.linked = true;
    this.prior = null;
    this.film = this.viewOf(element, (x, y) => chooseAt(this.layer, x, y));
    this.layer = findingsOn(this.film.pane, { shown: boxesShown, words: words.editor });
    this.touched = this.film;
  }

  viewOf(element, click) {
    const view = new FilmView(element, this.words, {
      tool: () => this.tool,
      active: (touched) => this.touch(touched),
      click,
    });
    view.pane.addEventListener("window", () => this.changed());
    view.pane.addEventListener("view", () => this.follow(view));
    return view;
  }

  touch(view) {
    if (this.touched === view) return;
    this.touched = view;
    for (const one of this.views()) one.element.classList.toggle("touched", one === view && Boolean(this.prior));
    this.changed();
  }

  views() {
    return this.prior ? [this.film, this.prior] : [this.film];
  }

  active() {
    return this.touched.pane;
  }

  boxes(act) {
    act(this.layer);
  }

  /** Do something to the pane that was touched last; where linked, the other follows. */
  together(act) {
    act(this.active());
  }

  follow(view) {
    if (!this.linked || !this.prior || this.following || view !== this.touched) return;
    const other = view === this.film ? this.prior : this.film;
    if (!view.pane.view || !other.pane.view) return;
    this.following = true;
    other.pane.move((own) => own.follow(view.pane.view));
    this.following = false;
  }

  changeTool() {
    this.tool = this.tool === "window" ? "move" : "window";
    for (const view of this.views()) view.element.classList.toggle("moving", this.tool === "move");
  }

  link() {
    this.linked = !this.linked;
    this.follow(this.touched);
  }

  reset() {
    const pane = this.active();
    if (!pane.display) return;
    pane.inverted = false;
    pane.setWindow(pane.display.presets[0]);
    pane.move((view) => view.reset());
  }

  /** Show an earlier film beside the study's own; `made` is its pane, not yet on the page. */
  async beside(made) {
    this.alone();
    this.film.element.after(made);
    this.prior = this.viewOf(made);
    this.prior.element.classList.toggle("moving", this.tool === "move");
    await this.prior.load();
    this.follow(this.touched);
  }

  /** Put the earlier film away. */
  alone() {
    if (!this.prior) return;
    this.prior.close();
    this.prior = null;
    this.touched = this.film;
    this.film.element.classList.remove("touched");
    this.changed();
  }
}
