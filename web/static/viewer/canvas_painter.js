// Paints a film on a plain canvas, where there is no fast WebGL. The values under each pixel of the
// screen are kept: to window them is one look-up each, however large the film.

import { levelFor } from "./pyramid.js";

const OPAQUE = 0xff000000;

export class CanvasPainter {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
  }

  setLevels(levels, padding) {
    this.levels = levels;
    this.padding = padding;
    this.under = null;
  }

  paint(table, view, ratio) {
    const { canvas, context } = this;
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.under = null;
    }
    const matrix = view.matrix().map((number) => number * ratio);
    if (this.under?.key !== matrix.join()) this.under = this.sampled(matrix, width, height);
    context.fillRect(0, 0, width, height);
    const { left, top, across, down, values } = this.under;
    if (!across || !down) return;
    const colours = new Uint32Array(65536);
    for (let at = 0; at < 65536; at += 1) colours[at] = OPAQUE | (table[at] * 0x010101);
    const image = context.createImageData(across, down);
    const painted = new Uint32Array(image.data.buffer);
    for (let at = 0; at < painted.length; at += 1) painted[at] = colours[values[at]];
    context.putImageData(image, left, top);
  }

  /** Give the film's values under the pixels of the screen that it covers. */
  sampled([a, b, c, d, e, f], width, height) {
    const [x, y] = [Math.min(e, e + a + c), Math.min(f, f + b + d)];
    const [right, bottom] = [Math.max(e, e + a + c), Math.max(f, f + b + d)];
    const left = Math.max(0, Math.round(x));
    const top = Math.max(0, Math.round(y));
    const across = Math.max(0, Math.min(width, Math.round(right)) - left);
    const down = Math.max(0, Math.min(height, Math.round(bottom)) - top);
    const finest = this.levels[0];
    const level = levelFor(this.levels, finest.extent[0] / Math.hypot(a, b));
    const turned = a === 0;
    // Quarter turns only: columns of the screen run along one axis of the film, rows the other.
    const alongX = turned ? axis(left, across, e, c, level, 1) : axis(left, across, e, a, level, 0);
    const alongY = turned ? axis(top, down, f, b, level, 0) : axis(top, down, f, d, level, 1);
    const values = new Uint16Array(across * down);
    fill(values, alongX, alongY, level, this.padding);
    return { key: [a, b, c, d, e, f].join(), left, top, across, down, values };
  }

  drop() {
    this.canvas.remove();
  }
}

/** For each pixel along an axis of the screen: the two neighbours on the level, and the share. */
function axis(start, count, origin, span, level, which) {
  const side = which ? level.rows : level.columns;
  const stride = which ? level.columns : 1;
  const near = new Int32Array(count);
  const far = new Int32Array(count);
  const share = new Float32Array(count);
  for (let at = 0; at < count; at += 1) {
    const place = ((start + at + 0.5 - origin) / span) * level.extent[which] - 0.5;
    const held = Math.min(side - 1, Math.max(0, place));
    const low = Math.floor(held);
    near[at] = low * stride;
    far[at] = Math.min(side - 1, low + 1) * stride;
    share[at] = held - low;
  }
  return { near, far, share };
}

/** Interpolate values; beside padding the nearest is taken, which would else bleed into the film. */
function fill(values, alongX, alongY, { pixels }, padding) {
  const first = padding ? padding[0] : 1;
  const last = padding ? padding[1] : 0;
  const isPadding = (pixel) => pixel >= first && pixel <= last;
  const { near, far, share } = alongX;
  let at = 0;
  for (let row = 0; row < alongY.near.length; row += 1) {
    const upper = alongY.near[row];
    const lower = alongY.far[row];
    const v = alongY.share[row];
    for (let column = 0; column < near.length; column += 1) {
      const u = share[column];
      const one = pixels[upper + near[column]];
      const two = pixels[upper + far[column]];
      const three = pixels[lower + near[column]];
      const four = pixels[lower + far[column]];
      if (isPadding(one) || isPadding(two) || isPadding(three) || isPadding(four)) {
        values[at] = pixels[(v < 0.5 ? upper : lower) + (u < 0.5 ? near : far)[column]];
      } else {
        const above = one + (two - one) * u;
        const below = three + (four - three) * u;
        values[at] = above + (below - above) * v + 0.5;
      }
      at += 1;
    }
  }
}
