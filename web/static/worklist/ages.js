// How long ago each study came in, kept true while the page stays open.

const EVERY_MS = 20_000;
const MINUTE_MS = 60_000;

function words(place, minutes) {
  const { minutes: m, hours: h, days: d } = place.dataset;
  if (minutes < 60) return m.replace("{}", minutes);
  if (minutes < 2880) return h.replace("{}", Math.floor(minutes / 60));
  return d.replace("{}", Math.floor(minutes / 1440));
}

let timer = null;

/** Write all ages below an element anew, now and from time to time. */
export function showAges(place) {
  const write = () => {
    for (const age of place.querySelectorAll("time.age")) {
      const passed = Math.max(0, Date.now() - Date.parse(age.dateTime));
      const text = words(place, Math.floor(passed / MINUTE_MS));
      if (age.textContent !== text) age.textContent = text;
    }
  };
  clearInterval(timer);
  timer = setInterval(write, EVERY_MS);
}
