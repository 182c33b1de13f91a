// Buttons and keys of the viewer. A button says by `data-act` what it does and by `data-key` which
// key does the same; keys without a button stand in the page's words.

import { bind } from "../script/keys.js";

const ZOOM = 1.25;
const PAN = 60;
const WINDOW = 0.03;

function pressed(act, on) {
  document.querySelector(`.viewer-tools [data-act="${act}"]`)?.setAttribute("aria-pressed", String(on));
}

/** What each act does to the pane that is acted upon; `desk` is the page's viewer. */
function acts(desk) {
  const move = (act) => () => desk.together((pane) => pane.move(act));
  return {
    invert: () => desk.active().invert(),
    boxes: () => desk.boxes((layer) => layer.show(!layer.shown)),
    alone: () => desk.boxes((layer) => layer.show(true, !layer.alone)),
    fit: move((view) => view.fit()),
    "one-to-one": move((view) => view.oneToOne(window.devicePixelRatio)),
    "life-size": () => desk.together((pane) => pane.display?.spacing && pane.move((view) => view.lifeSize(pane.display.spacing.column))),
    "zoom-in": move((view) => view.zoomBy(ZOOM)),
    "zoom-out": move((view) => view.zoomBy(1 / ZOOM)),
    rotate: move((view) => view.rotate()),
    flip: move((view) => view.flip()),
    reset: () => desk.reset(),
    tool: () => desk.changeTool(),
    linked: () => desk.link(),
  };
}

function keysWithoutButton(desk, words) {
  const pans = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
  for (const [key, [x, y]] of Object.entries(pans)) {
    bind(key, words.pan, () => desk.together((pane) => pane.move((view) => view.pan(x, y))));
  }
  const windows = {
    ArrowUp: [words.brighter, WINDOW, 0],
    ArrowDown: [words.darker, -WINDOW, 0],
    ArrowRight: [words.lessContrast, 0, WINDOW],
    ArrowLeft: [words.moreContrast, 0, -WINDOW],
  };
  for (const [key, [said, brighter, wider]] of Object.entries(windows)) {
    bind(`Shift+${key}`, said, () => desk.active().shiftWindow(brighter, wider));
  }
}

/** The list of windows: what the film names, and what is made of its values. */
function presets(desk, words) {
  const list = document.querySelector(".viewer-tools [name=preset]");
  const said = ({ kind, explanation }) => (explanation ? `${words.presets[kind]}: ${explanation}` : words.presets[kind]);
  const fill = () => {
    const { display, voi } = desk.active();
    if (!display) return;
    const options = display.presets.map((preset, at) => new Option(said(preset), at, false, preset === voi));
    const own = new Option(words.presets.own, "", false, !display.presets.includes(voi));
    own.disabled = true;
    list.replaceChildren(...options, own);
  };
  list.addEventListener("change", () => {
    const { display } = desk.active();
    desk.active().setWindow(display.presets[Number(list.value)]);
    // A list in focus takes letters for itself; whoever chose by the keyboard goes on choosing.
    if (!list.matches(":focus-visible")) desk.active().host.focus();
  });
  const order = ["first", "full", "lungs", "soft", "bones"];
  order.forEach((kind, at) => {
    bind(String(at + 1), kind === "first" ? words.keys.first : words.presets[kind], () => {
      const { display } = desk.active();
      const found = kind === "first" ? display?.presets[0] : display?.presets.find((one) => one.kind === kind);
      if (found) desk.active().setWindow(found);
    });
  });
  return fill;
}

/** Put buttons, keys and the list of windows to work; gives what brings them up to date. */
export function controls(desk, words) {
  const does = acts(desk);
  const fill = presets(desk, words);
  const update = () => {
    const pane = desk.active();
    fill();
    pressed("invert", pane.inverted);
    pressed("boxes", desk.layer.shown);
    pressed("alone", desk.layer.alone);
    pressed("tool", desk.tool === "move");
    pressed("linked", desk.linked);
    const life = document.querySelector('.viewer-tools [data-act="life-size"]');
    if (life) life.disabled = !pane.display?.spacing;
  };
  for (const button of document.querySelectorAll(".viewer-tools [data-act]")) {
    const act = () => {
      does[button.dataset.act]();
      update();
    };
    button.addEventListener("click", act);
    for (const key of (button.dataset.keys ?? "").split(" ").filter(Boolean)) bind(key, button.dataset.words, act);
  }
  keysWithoutButton(desk, words.keys);
  return update;
}
