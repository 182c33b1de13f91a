// A study's page: puts its parts to work.

import { bind } from "../script/keys.js";
import { controls } from "./controls.js";
import { Desk } from "./desk.js";
import { emit } from "./findings.js";
import { priors } from "./priors.js";
import { tabList } from "./tabs.js";

const { words, boxesShown } = JSON.parse(document.getElementById("viewer-words").textContent);
const showTab = tabList(document.querySelector(".study-panel .tabs"));

bind("c", words.keys.chat, () => {
  showTab("tab-chat");
  document.getElementById("panel-chat").focus();
});
for (const link of document.querySelectorAll(".neighbours a[data-key]")) {
  bind(link.dataset.key, link.dataset.words, () => link.click());
}

/** Small pictures come last, so that none of them keeps the film waiting. */
function loadStamps() {
  for (const stamp of document.querySelectorAll("img[data-address]")) {
    stamp.addEventListener("load", () => {
      stamp.hidden = false;
    });
    stamp.src = stamp.dataset.address;
  }
}

const element = document.getElementById("film-pane");
if (element) {
  let update = () => {};
  const desk = new Desk(element, words, { boxesShown, changed: () => update() });
  update = controls(desk, words);
  update();
  priors(desk);
  const shown = () => {
    performance.mark("firstread:film-painted");
    emit("film-shown", { filmUid: element.dataset.film });
  };
  desk.film.pane.addEventListener("painted", shown, { once: true });
  desk.film.load().then(loadStamps);
} else loadStamps();
