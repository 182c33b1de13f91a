// The worklist: keys, filters, what is searched for, and lists that follow what happens.

import { announce } from "../script/page.js";
import { showAges } from "./ages.js";
import { bindFilters, searched } from "./filters.js";
import { bindKeys } from "./keys.js";
import { follow } from "./live.js";
import { Lists } from "./lists.js";
import { Loader } from "./loader.js";
import { Trouble } from "./trouble.js";

const place = document.getElementById("worklist-lists");
const lists = new Lists(place, announce);
const trouble = new Trouble(document.getElementById("worklist-trouble"));
const loader = new Loader(lists, trouble, place.dataset);

bindKeys(place);
bindFilters(() => loader.now());
showAges(place);
place.addEventListener("firstread:lists-loaded", () => showAges(place));
if (searched()) loader.now();
follow(place, lists, loader, trouble);
