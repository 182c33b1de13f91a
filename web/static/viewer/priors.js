// Earlier films: each has a button in the strip, and is shown beside the study's own.

/** Put the buttons of earlier films to work. */
export function priors(desk) {
  const template = document.getElementById("prior-pane");
  const buttons = [...document.querySelectorAll(".prior-film[data-address]")];
  const linked = document.querySelector('.viewer-tools [data-act="linked"]');
  let shown = null;

  function put(button) {
    shown?.setAttribute("aria-pressed", "false");
    shown = button;
    if (linked) linked.hidden = !button;
    if (!button) {
      desk.alone();
      desk.film.element.focus();
      return;
    }
    button.setAttribute("aria-pressed", "true");
    const made = template.content.firstElementChild.cloneNode(true);
    made.dataset.address = button.dataset.address;
    made.setAttribute("aria-label", button.dataset.caption);
    made.querySelector(".caption-words").textContent = button.dataset.caption;
    made.querySelector(".caption button").addEventListener("click", () => put(null));
    desk.beside(made);
  }
  for (const button of buttons) button.addEventListener("click", () => put(button === shown ? null : button));
}
