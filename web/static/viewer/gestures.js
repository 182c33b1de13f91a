// The pointer on a film: drag to window or to move, wheel and two fingers to enlarge, click to
// choose. The middle button, and Shift, always move; the right button enlarges.

const CLICK = 4;
const WHEEL = 0.0016;
const DRAG_ZOOM = 0.008;

function middle([one, other]) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, apart: Math.hypot(one.x - other.x, one.y - other.y) };
}

/** `tool` gives what the first button does, "window" or "move"; `click` gets a point of the pane. */
export function gestures(pane, { tool, click, active }) {
  const { host } = pane;
  const down = new Map();
  let travelled = 0;

  const point = (event) => {
    const place = host.getBoundingClientRect();
    return { x: event.clientX - place.x, y: event.clientY - place.y };
  };

  function doing(event, buttons) {
    if (buttons & 4 || event.shiftKey) return "move";
    if (buttons & 2) return "enlarge";
    return tool();
  }

  function drag(event, from, to) {
    const [x, y] = [to.x - from.x, to.y - from.y];
    const act = doing(event, from.buttons);
    if (act === "move") pane.move((view) => view.pan(x, y));
    else if (act === "enlarge") pane.move((view) => view.zoomBy(Math.exp(-DRAG_ZOOM * y), from.startX, from.startY));
    else pane.shiftWindow(-y / host.clientHeight, x / host.clientWidth);
  }

  function pinch(event, to) {
    const before = middle([...down.values()]);
    Object.assign(down.get(event.pointerId), to);
    const after = middle([...down.values()]);
    pane.move((view) => {
      view.pan(after.x - before.x, after.y - before.y);
      if (before.apart) view.zoomBy(after.apart / before.apart, after.x, after.y);
    });
  }

  host.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".over-film")) return;
    active();
    host.setPointerCapture(event.pointerId);
    const at = point(event);
    if (!down.size) travelled = 0;
    down.set(event.pointerId, { ...at, startX: at.x, startY: at.y, buttons: event.buttons });
  });

  host.addEventListener("pointermove", (event) => {
    const from = down.get(event.pointerId);
    if (!from) return;
    const to = point(event);
    travelled += Math.hypot(to.x - from.x, to.y - from.y);
    if (down.size > 1) pinch(event, to);
    else if (travelled > CLICK) {
      drag(event, from, to);
      Object.assign(from, to);
    }
  });

  host.addEventListener("pointerup", (event) => {
    const from = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (from && travelled <= CLICK && event.button === 0) click(from.x, from.y);
  });
  host.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  host.addEventListener("contextmenu", (event) => event.preventDefault());

  host.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      active();
      const { x, y } = point(event);
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      pane.move((view) => view.zoomBy(Math.exp(-WHEEL * lines * event.deltaY), x, y));
    },
    { passive: false },
  );
}
