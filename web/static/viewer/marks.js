// What stands at the edges of a film: the patient's sides, how large it is shown, its window, and
// what is uncertain about how it is shown.

const OPPOSITE = { A: "P", P: "A", L: "R", R: "L", H: "F", F: "H" };
const SIDES = { top: [0, -1], right: [1, 0], bottom: [0, 1], left: [-1, 0] };

function opposite(letters) {
  return [...letters].map((letter) => OPPOSITE[letter]).join("");
}

function letters(display, view, [x, y]) {
  const [along, down] = view.wayInImage(x, y);
  if (along) return along > 0 ? display.right : opposite(display.right);
  return down > 0 ? display.down : opposite(display.down);
}

function written(number) {
  return Math.abs(number) >= 100 ? number.toFixed(0) : number.toPrecision(3);
}

/** Keep the marks of a pane; `words` are {zoom, center, width, table, noSides, mirrored, turned}. */
export function marks(pane, words) {
  const layer = document.createElement("div");
  layer.className = "marks";
  const places = Object.fromEntries(
    [...Object.keys(SIDES), "reading"].map((name) => {
      const place = layer.appendChild(document.createElement("span"));
      place.className = `mark ${name}`;
      return [name, place];
    }),
  );
  const remarks = layer.appendChild(document.createElement("ul"));
  remarks.className = "mark remarks";
  remarks.hidden = true;
  pane.host.append(layer);

  function remark() {
    remarks.replaceChildren(...pane.display.remarks.map((words) => {
      const line = document.createElement("li");
      line.textContent = words;
      return line;
    }));
    remarks.hidden = !pane.display.remarks.length;
  }

  function say() {
    const { display, view, voi } = pane;
    if (!view) return;
    const known = Boolean(display.right && display.down);
    for (const [name, way] of Object.entries(SIDES)) places[name].textContent = known ? letters(display, view, way) : "";
    const stored = (view.scale * window.devicePixelRatio * view.pictureWidth) / view.columns;
    const shown = voi.entries ? words.table : `${words.center} ${written(voi.center)}  ${words.width} ${written(voi.width)}`;
    const about = [`${words.zoom} ${Math.round(100 * stored)} %`, shown];
    if (!known) about.push(words.noSides);
    if (view.lie !== "stored") about.push(words[view.lie]);
    places.reading.classList.toggle("otherwise", view.lie !== "stored");
    places.reading.textContent = about.join("  ·  ");
  }
  pane.addEventListener("view", say);
  pane.addEventListener("window", say);
  pane.addEventListener("seen", remark);
}
