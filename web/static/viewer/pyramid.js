// A film in ever fewer pixels, each level half of the one before: what is shown of a film that is
// larger than its pane is a mean of its pixels, not every third one.

const SMALLEST = 256;

/** Halve a level; padding takes no part in a mean, and a block of nothing else stays padding. */
function halved(level, padding) {
  const { rows, columns, pixels } = level;
  const [below, across] = [(rows + 1) >> 1, (columns + 1) >> 1];
  const half = new Uint16Array(below * across);
  const [first, last] = padding ?? [1, 0];
  for (let row = 0; row < below; row += 1) {
    const upper = 2 * row * columns;
    const lower = Math.min(2 * row + 1, rows - 1) * columns;
    for (let column = 0; column < across; column += 1) {
      const left = 2 * column;
      const right = Math.min(left + 1, columns - 1);
      const one = pixels[upper + left];
      const two = pixels[upper + right];
      const three = pixels[lower + left];
      const four = pixels[lower + right];
      half[row * across + column] = padding
        ? meanOf([one, two, three, four], first, last)
        : (one + two + three + four + 2) >> 2;
    }
  }
  return { rows: below, columns: across, pixels: half, extent: level.extent.map((side) => side / 2) };
}

function meanOf(four, first, last) {
  let sum = 0;
  let count = 0;
  for (const pixel of four) {
    if (pixel >= first && pixel <= last) continue;
    sum += pixel;
    count += 1;
  }
  return count ? Math.round(sum / count) : first;
}

/**
 * Give the levels of a film, the finest first. `extent` is what the film's columns and rows are of
 * a level, in its pixels: those at the edge of a level may stand for less than others.
 */
export function pyramid(level, padding) {
  const levels = [level];
  while (Math.max(levels.at(-1).rows, levels.at(-1).columns) > SMALLEST) {
    levels.push(halved(levels.at(-1), padding));
  }
  return levels;
}

/** Give the level that is shown where so many pixels of the finest lie on one of the screen. */
export function levelFor(levels, ratio) {
  const wanted = Math.floor(Math.log2(Math.max(1, ratio)) + 0.3);
  return levels[Math.min(levels.length - 1, wanted)];
}
