// One film on the screen: its picture, how it is windowed and where it lies. Whoever draws over it
// or controls it listens: "view" when it lies otherwise, "window" when it is windowed otherwise,
// "seen" and "whole" when its preview and all its pixels are here, "painted" after each frame.

import { CanvasPainter } from "./canvas_painter.js";
import { loadFilm } from "./film.js";
import { View } from "./geometry.js";
import { GpuPainter } from "./gpu_painter.js";
import { asWindow, greyTable } from "./grey_table.js";
import { pyramid } from "./pyramid.js";

let hasCard = true;

function newPainter() {
  try {
    if (hasCard) return new GpuPainter();
  } catch {
    hasCard = false;
  }
  return new CanvasPainter();
}

export class Pane extends EventTarget {
  /** `host` is the element that the picture fills. */
  constructor(host) {
    super();
    this.host = host;
    this.inverted = false;
    this.usePainter(newPainter());
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(host);
  }

  usePainter(painter) {
    this.painter?.drop();
    this.painter = painter;
    painter.canvas.addEventListener("webglcontextlost", () => {
      if (this.painter === painter) this.usePainter(new CanvasPainter());
    });
    this.host.prepend(painter.canvas);
    if (this.levels) this.setLevels(this.levels);
  }

  /** Load a film; gives what is told of it once the whole is shown, throws with the words why not. */
  async load(address, told) {
    return loadFilm(address, {
      seen: (display, level) => this.closed || this.take(display, level),
      whole: (display, level) => {
        if (this.closed) return;
        this.setLevels(pyramid(level, display.padding));
        this.dispatchEvent(new CustomEvent("whole"));
      },
      told,
    });
  }

  take(display, level) {
    this.display = display;
    const { rows, columns } = display.whole;
    this.view = new View(columns, rows, display.aspect);
    this.view.resize(this.host.clientWidth, this.host.clientHeight);
    this.voi = display.presets[0];
    this.setLevels(pyramid(level, display.padding));
    this.change("window");
    this.change("view");
    this.dispatchEvent(new CustomEvent("seen"));
  }

  setLevels(levels) {
    this.levels = levels;
    if (this.painter.takes?.(levels[0]) === false) this.usePainter(new CanvasPainter());
    else {
      this.painter.setLevels(levels, this.display.padding);
      this.later();
    }
  }

  resized() {
    if (!this.view) return;
    this.view.resize(this.host.clientWidth, this.host.clientHeight);
    this.change("view");
  }

  /** Change where the film lies: `act` gets the view. */
  move(act) {
    if (!this.view) return;
    act(this.view);
    this.change("view");
  }

  setWindow(voi) {
    if (!this.display) return;
    this.voi = voi;
    this.change("window");
  }

  /** Move the window's centre and widen it, in shares of the film's range. */
  shiftWindow(brighter, wider) {
    if (!this.display) return;
    const { slope, lowest, highest, inverted } = this.display;
    const range = Math.abs(slope) * (highest - lowest);
    const { center, width, function: shape } = asWindow(this.voi);
    const darkens = inverted !== this.inverted ? 1 : -1;
    const least = Math.max(range / 1000, shape === "LINEAR" ? 2 : 0);
    this.setWindow({
      function: shape,
      center: center + darkens * brighter * range,
      width: Math.max(least, width + wider * range),
    });
  }

  invert() {
    this.inverted = !this.inverted;
    this.change("window");
  }

  change(what) {
    if (what === "window") this.table = null;
    this.dispatchEvent(new CustomEvent(what));
    this.later();
  }

  /** Paint at the next frame, once however much changes until then. */
  later() {
    if (this.waiting || !this.levels) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  paint() {
    this.table ??= greyTable(this.display, this.voi, this.inverted);
    this.painter.paint(this.table, this.view, window.devicePixelRatio);
    this.dispatchEvent(new CustomEvent("painted"));
  }

  close() {
    this.closed = true;
    this.watch.disconnect();
    cancelAnimationFrame(this.waiting);
    this.painter.drop();
  }
}
