// From pixels to grey levels: one table of 65,536 entries holds the modality's line, the window,
// polarity and padding (PS3.3 sections C.11.1 and C.11.2), so a pixel costs one look-up.

const PIXELS = 65536;

function linear(center, width) {
  if (width <= 0) return (value) => (value > center ? 1 : 0);
  return (value) => (value - center) / width + 0.5;
}

function shareOf(voi) {
  if (voi.entries) {
    const { entries, first, bits } = voi;
    const most = 2 ** bits - 1;
    return (value) => entries[Math.min(entries.length - 1, Math.max(0, Math.round(value) - first))] / most;
  }
  const { center, width } = voi;
  if (voi.function === "SIGMOID") return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (voi.function === "LINEAR") return linear(center - 0.5, width - 1);
  return linear(center, width);
}

/** Give the grey level, 0 to 255, of every pixel value; `inverted` is what the person wants. */
export function greyTable(display, voi, inverted) {
  const table = new Uint8ClampedArray(PIXELS);
  const share = shareOf(voi);
  const { slope, intercept, padding } = display;
  const turned = display.inverted !== inverted;
  for (let pixel = 0; pixel < PIXELS; pixel += 1) {
    const white = 255 * share(slope * pixel + intercept);
    table[pixel] = turned ? 255 - white : white;
  }
  if (padding) table.fill(0, padding[0], padding[1] + 1);
  return table;
}

/** Give a straight window in the place of a table, from where it leaves black to where it is white. */
export function asWindow(voi) {
  if (!voi.entries) return voi;
  const most = 2 ** voi.bits - 1;
  const levels = voi.entries;
  const rising = levels.at(-1) >= levels[0];
  const passes = (share) => {
    const at = levels.findIndex((level) => (rising ? level >= share * most : level <= share * most));
    return at < 0 ? levels.length - 1 : at;
  };
  const [dark, bright] = rising ? [passes(0.05), passes(0.95)] : [passes(0.95), passes(0.05)];
  const width = Math.max(2, (bright - dark) / 0.9);
  return { function: "LINEAR_EXACT", center: voi.first + (dark + bright) / 2, width };
}
