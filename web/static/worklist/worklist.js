// The worklist: keys, filters, what is searched for, and lists that follow what happens.

import { announce } from "../script/page.js";
import { showAges } from "./ages.js";
import { bindFilters, searched } from "./filters.js";
import { bindKeys } from "./keys.js";
import { follow } from "./live.js";
import { Lists } from "./lists.js";

const place = document.getElementById("worklist-lists");
const lists = new Lists(place, announce);

bindKeys(place);
bindFilters(() => lists.load());
showAges(place);
place.addEventListener("firstread:lists-loaded", () => showAges(place));
if (searched()) lists.load();
follow(place, lists);
