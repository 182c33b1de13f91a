// Where the labels of boxes stand: outside of every box, none over another, as near to their own
// box as there is room. Rectangles are {x, y, width, height} in pixels of the pane.

const GAP = 4;
const RINGS = 12;

function overlap(one, other) {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return across > 0 && down > 0 ? across * down : 0;
}

function outside(place, area) {
  return place.width * place.height - overlap(place, { x: 0, y: 0, ...area });
}

/** Places around a box, those beside its corners first, then ever further away. */
function* candidates(box, { width, height }) {
  const right = box.x + box.width - width;
  const below = box.y + box.height + GAP;
  for (let ring = 0; ring < RINGS; ring += 1) {
    const away = ring * (height + GAP);
    const above = box.y - height - GAP - away;
    for (const y of [above, below + away]) {
      yield { x: box.x, y, width, height };
      yield { x: right, y, width, height };
    }
    for (const x of [box.x + box.width + GAP, box.x - width - GAP]) {
      yield { x, y: box.y + away, width, height };
      yield { x, y: box.y + box.height - height - away, width, height };
    }
  }
}

/**
 * Give a place for each label, in their order: `labels` are {box, width, height}, `boxes` are all
 * that a label must not cover, `area` the pane. Where there is no free place, the least bad one.
 */
export function labelPlaces(labels, boxes, area) {
  const taken = [];
  for (const label of labels) {
    let best = null;
    let least = Infinity;
    for (const place of candidates(label.box, label)) {
      place.x = Math.min(Math.max(0, place.x), Math.max(0, area.width - place.width));
      const bad =
        4 * outside(place, area) +
        taken.reduce((sum, other) => sum + 2 * overlap(place, other), 0) +
        boxes.reduce((sum, other) => sum + overlap(place, other), 0);
      if (bad < least) [best, least] = [place, bad];
      if (!bad) break;
    }
    taken.push(best);
  }
  return taken;
}
