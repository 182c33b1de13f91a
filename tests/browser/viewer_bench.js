// A pane with a made-up film, on any page of the reading room, for tests of what it paints.
// Evaluates to an object that a test keeps as `window.bench`.

(async () => {
  const assets = document.querySelector('link[href*="/style/base.css"]').href.replace("/style/base.css", "");
  const at = (name) => import(`${assets}/viewer/${name}.js`);
  const [{ Pane }, { GpuPainter }, { CanvasPainter }, { greyTable }, { BoxLayer }, { labelPlaces }, { pyramid }] =
    await Promise.all(["pane", "gpu_painter", "canvas_painter", "grey_table", "boxes", "label_places", "pyramid"].map(at));

  await Promise.all(["film", "boxes"].map((name) => new Promise((done) => {
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${assets}/viewer/${name}.css`, onload: done });
    document.head.append(sheet);
  })));

  const plain = { slope: 1, intercept: 0, lowest: 0, highest: 4095, padding: null, inverted: false, aspect: 1 };
  const window16 = { kind: "full", explanation: "", function: "LINEAR_EXACT", center: 2048, width: 4096 };

  /** A film that is dark but for one bright box, given in shares of its sides. */
  function boxed(rows, columns, { x1, y1, x2, y2 }, dark = 400, bright = 3800) {
    const pixels = new Uint16Array(rows * columns).fill(dark);
    for (let row = Math.round(y1 * rows); row < Math.round(y2 * rows); row += 1) {
      pixels.fill(bright, row * columns + Math.round(x1 * columns), row * columns + Math.round(x2 * columns));
    }
    return pixels;
  }

  let last = null;

  function open({ rows, columns, pixels, width = 600, height = 480, painter = "canvas", ...told }) {
    last?.close();
    document.body.replaceChildren();
    const host = document.createElement("div");
    host.className = "pane";
    Object.assign(host.style, { position: "relative", flex: "none", width: `${width}px`, height: `${height}px` });
    document.body.append(host);
    const pane = new Pane(host);
    last = pane;
    pane.usePainter(painter === "webgl" ? new GpuPainter({ evenIfSlow: true }) : new CanvasPainter());
    const display = { ...plain, whole: { rows, columns }, presets: [window16], ...told };
    pane.take(display, { rows, columns, pixels, extent: [columns, rows] });
    return pane;
  }

  /** Grey levels of what a pane shows, row by row. */
  function shown(pane) {
    pane.paint();
    const copy = document.createElement("canvas");
    Object.assign(copy, { width: pane.painter.canvas.width, height: pane.painter.canvas.height });
    const context = copy.getContext("2d");
    context.drawImage(pane.painter.canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    return { width: copy.width, levels: Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]) };
  }

  /** The rectangle of the pixels that are brighter than a level. */
  function bright(pane, level) {
    const { width, levels } = shown(pane);
    const found = [];
    levels.forEach((value, at) => value > level && found.push(at));
    const xs = found.map((place) => place % width);
    const ys = found.map((place) => Math.floor(place / width));
    const least = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);
    const most = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
    return [least(xs), least(ys), most(xs) + 1, most(ys) + 1];
  }

  /** How many pixels of a film of noise are not painted as the table says. */
  function wrongAtOneToOne(painter) {
    const pixels = Uint16Array.from({ length: 300 * 200 }, (_, at) => (at * 37) % 4096);
    const pane = open({ rows: 300, columns: 200, pixels, width: 200, height: 300, painter });
    pane.move((view) => view.oneToOne(devicePixelRatio));
    const table = greyTable(pane.display, pane.voi, false);
    return shown(pane).levels.filter((level, at) => level !== table[pixels[at]]).length;
  }

  /** Edges of a drawn box, and of the bright part of the film under it, after some turns. */
  function boxAndPicture(painter, aspect, box, turns) {
    const [rows, columns] = [500, 700];
    const pane = open({ rows, columns, pixels: boxed(rows, columns, box), painter, aspect });
    const layer = new BoxLayer(pane, { shown: true });
    layer.set({ findingId: "one", label: "", boxes: [box], source: "model", presence: "present" });
    for (const act of turns) pane.move((view) => view[act]());
    return [1, 1.7].map((zoom) => {
      pane.move((view) => {
        view.zoomBy(zoom, 200, 150);
        view.pan(8, -5);
      });
      const place = pane.host.getBoundingClientRect();
      const drawn = layer.svg.querySelector("rect:not(.under)").getBoundingClientRect();
      const edges = [drawn.left - place.left, drawn.top - place.top, drawn.right - place.left, drawn.bottom - place.top];
      return [edges, bright(pane, 128)];
    });
  }

  /** The bright part of a film whose lowest values are white, and a dark pixel once it is inverted. */
  function polarity(painter, box) {
    const pixels = boxed(400, 400, box, 3800, 400);
    const pane = open({ rows: 400, columns: 400, pixels, painter, inverted: true });
    const before = bright(pane, 128);
    pane.invert();
    return [before, shown(pane).levels[240 * 600 + 300]];
  }

  /** All grey levels of a grey film with a box of padding, plain and inverted. */
  function padding(painter, box) {
    const pixels = boxed(900, 900, box, 2000, 65535);
    const pane = open({ rows: 900, columns: 900, pixels, painter, padding: [65535, 65535] });
    const plainly = [...new Set(shown(pane).levels)];
    pane.invert();
    return [plainly, [...new Set(shown(pane).levels)]];
  }

  /** The darkest and brightest level of a fine chequer that is shown an eighth of its size. */
  function chequer(painter) {
    const side = 1600;
    const pixels = Uint16Array.from({ length: side * side }, (_, at) => ((at + Math.floor(at / side)) % 2) * 4095);
    const { levels } = shown(open({ rows: side, columns: side, pixels, width: 200, height: 200, painter }));
    return [levels.reduce((a, b) => Math.min(a, b)), levels.reduce((a, b) => Math.max(a, b))];
  }

  /** What is wrong with the places of labels of boxes that lie anywhere. */
  function misplacedLabels() {
    let seed = 4711;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const area = { width: 800, height: 700 };
    const hit = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
    const wrong = [];
    for (let round = 0; round < 200; round += 1) {
      const boxes = Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({
        x: random() * 500,
        y: random() * 420,
        width: 20 + random() * 180,
        height: 20 + random() * 160,
      }));
      const places = labelPlaces(boxes.map((box) => ({ box, width: 90, height: 20 })), boxes, area);
      places.forEach((place, at) => {
        if (boxes.some((box) => hit(place, box))) wrong.push("over a box");
        if (places.some((other, which) => which !== at && hit(place, other))) wrong.push("over a label");
        if (place.x < 0 || place.y < 0 || place.x + 90 > area.width || place.y + 20 > area.height) wrong.push("outside");
      });
    }
    return wrong;
  }

  function labelOfAWholePane() {
    const box = { x: -20, y: -20, width: 900, height: 900 };
    return labelPlaces([{ box, width: 90, height: 20 }], [box], { width: 800, height: 700 })[0];
  }

  /** Milliseconds that each frame takes to paint while a large film is windowed, and between frames. */
  async function framesWhileWindowing(painter, count) {
    const [rows, columns] = [2500, 2048];
    const pixels = Uint16Array.from({ length: rows * columns }, (_, at) => (at * 31) % 4096);
    const pane = open({ rows, columns, pixels, width: 1370, height: 920, painter });
    pane.setLevels(pyramid({ rows, columns, pixels, extent: [columns, rows] }, null));
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const [painting, between] = [[], []];
    let before = await frame();
    for (let at = 0; at < count; at += 1) {
      pane.shiftWindow(0.002 * (at % 2 ? 1 : -1), 0.001);
      const begun = performance.now();
      pane.paint();
      painting.push(performance.now() - begun);
      const now = await frame();
      between.push(now - before);
      before = now;
    }
    return { painting, between };
  }

  return {
    greyTable,
    wrongAtOneToOne,
    boxAndPicture,
    polarity,
    padding,
    chequer,
    misplacedLabels,
    labelOfAWholePane,
    framesWhileWindowing,
  };
})()
