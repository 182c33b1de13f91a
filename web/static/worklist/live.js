// News of the worklist. The lists are loaded anew only where news touches what is on the page, a
// moment later and at most every few seconds, so that nobody's rows jump without need.

const MOMENT_MS = 700;
const AT_MOST_EVERY_MS = 3_000;
const LOST_AFTER_MS = 4_000;
const AGAIN_AFTER_MS = 5_000;

/** Compare two marks ("tier-time-id") in the order of a list: below 0 where the first comes first. */
function order(first, second, urgentFirst) {
  const [a, b] = [first, second].map((mark) => mark.split("-").map(BigInt));
  if (urgentFirst && a[0] !== b[0]) return a[0] > b[0] ? -1 : 1;
  for (const at of [1, 2]) {
    if (a[at] !== b[at]) return a[at] < b[at] === urgentFirst ? -1 : 1;
  }
  return 0;
}

/** Whether a study that changed is, or may now be, among those on the page. */
function touches(study, lists) {
  if (lists.has(study.uid)) return true;
  const { place, last, lastBeside, urgentFirst } = lists.shown;
  const fits = (end) => end === null || order(study.mark, end, urgentFirst) < 0;
  if (place === "all" || place === study.place) return fits(last);
  return place === "drafts" && study.place === "no_result" && fits(lastBeside);
}

/** Follow the news for as long as the page is open. */
export function follow(place, lists) {
  const words = place.dataset;
  let timer = null;
  let edition = "";
  let loaded = 0;
  let lost = null;

  const soon = () => {
    if (timer !== null) return;
    const wait = Math.max(Math.random() * MOMENT_MS, loaded + AT_MOST_EVERY_MS - Date.now());
    timer = setTimeout(() => {
      timer = null;
      loaded = Date.now();
      lists.load(edition);
    }, wait);
  };

  const connect = () => {
    source = new EventSource(words.live);
    const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
    on("hello", (news) => {
      clearTimeout(lost);
      lost = null;
      lists.trouble("");
      ({ edition } = news);
      // What happened between the lists and this moment is not told.
      soon();
    });
    on("news", (news) => {
      ({ edition } = news);
      if (news.counts) lists.count(news.counts);
      if (news.everything || news.studies.some((study) => touches(study, lists))) soon();
    });
    on("away", () => lists.trouble(words.away));
    on("back", () => {
      lists.trouble("");
      soon();
    });
    on("end", () => {
      source.close();
      lists.trouble(words.ended);
      lists.refused();
    });
    source.addEventListener("error", failed);
  };

  const failed = () => {
    lost ??= setTimeout(() => lists.trouble(words.lost), LOST_AFTER_MS);
    // A browser tries again by itself, unless it got an answer that is no stream.
    if (source.readyState !== EventSource.CLOSED) return;
    lists.refused();
    again();
  };

  const again = () => {
    setTimeout(() => {
      if (source.readyState === EventSource.CLOSED) connect();
    }, AGAIN_AFTER_MS);
  };

  let source = null;
  connect();
  document.body.addEventListener("firstread:unlocked", () => {
    if (source.readyState === EventSource.CLOSED) connect();
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
}
