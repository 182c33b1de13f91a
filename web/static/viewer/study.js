// A study's page: puts its parts to work.

import { tabList } from "./tabs.js";

tabList(document.querySelector(".study-panel .tabs"));
