// News of the worklist. The lists are loaded anew only where news touches what is on the page, so
// that nobody's rows jump without need.

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
export function follow(place, lists, loader, trouble) {
  const words = place.dataset;
  let edition = "";
  let lost = null;

  const soon = () => loader.soon(edition);
  const say = (reason) => trouble.say("news", reason);

  const closed = () => source === null || source.readyState === EventSource.CLOSED;

  const connect = () => {
    // A browser has few connections to one place: pages that nobody sees leave them to the others.
    if (document.hidden) return;
    source = new EventSource(words.live);
    const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
    on("hello", (news) => {
      clearTimeout(lost);
      lost = null;
      say("");
      ({ edition } = news);
      // What happened between the lists and this moment is not told.
      soon();
    });
    on("news", (news) => {
      ({ edition } = news);
      if (news.counts) lists.count(news.counts);
      if (news.everything || news.studies.some((study) => touches(study, lists))) soon();
    });
    on("away", () => say(words.away));
    on("back", () => {
      say("");
      soon();
    });
    on("end", () => {
      source.close();
      say(words.ended);
      lists.refused();
      // The session may be open again by now, and then nobody tells.
      again();
    });
    source.addEventListener("error", failed);
  };

  const failed = () => {
    lost ??= setTimeout(() => say(words.lost), LOST_AFTER_MS);
    // A browser tries again by itself, unless it got an answer that is no stream.
    if (!closed()) return;
    lists.refused();
    again();
  };

  const again = () => {
    setTimeout(() => {
      if (closed()) connect();
    }, AGAIN_AFTER_MS);
  };

  let source = null;
  connect();
  document.body.addEventListener("firstread:unlocked", () => {
    if (closed()) connect();
    // The lists may have been refused meanwhile.
    else soon();
  });
  const leave = () => {
    source?.close();
    clearTimeout(lost);
    lost = null;
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) leave();
    else if (closed()) connect();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted && closed()) connect();
  });
}
