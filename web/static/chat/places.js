// The places that answers name: each button shows its box on the film, and hides it again.

/** Make the place buttons of a talk work. */
export function places(talk) {
  const shown = new Map();

  function show(button, id, label) {
    const { x1, y1, x2, y2 } = button.dataset;
    const box = { x1: Number(x1), y1: Number(y1), x2: Number(x2), y2: Number(y2) };
    shown.set(id, button);
    talk.emit("set-boxes", { findingId: id, label, boxes: [box], source: "chat", presence: "uncertain" });
    talk.emit("choose", { findingId: id, by: "chat" });
  }

  function hide(id) {
    shown.delete(id);
    talk.emit("set-boxes", { findingId: id, label: "", boxes: [], source: "chat", presence: "uncertain" });
  }

  talk.root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-place]");
    if (!button) return;
    const { turn, number } = button.closest("[data-turn]").dataset;
    const { place } = button.dataset;
    const id = `chat-${turn}-${place}`;
    const pressed = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!pressed));
    if (pressed) hide(id);
    else show(button, id, talk.say("place", { turn: number, place }));
  }, { signal: talk.signal });

  return { forget: () => [...shown.keys()].forEach(hide) };
}
