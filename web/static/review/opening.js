// Says every few seconds that the study is open here, and hears who else has it open and which
// version stands: two readers are told of each other before either of them signs.

import { announce, call } from "../script/page.js";

export function opening(panel) {
  const { values, signal } = panel;
  const path = `/api/v1/studies/${encodeURIComponent(values.study)}/opening`;
  const others = panel.find("others");
  const overtaken = panel.find("overtaken");

  function showOthers(persons) {
    const words = persons.length ? panel.say(persons.length > 1 ? "others_many" : "others", { names: persons.map((one) => one.name).join("; ") }) : "";
    others.hidden = !words;
    if (others.textContent === words) return;
    others.textContent = words;
    if (words) announce(words);
  }

  function showStanding(standing) {
    if (!values.reviewable) {
      // The film waited, and its draft came: there is no text here that would be lost.
      if (standing) panel.reload();
      return;
    }
    if (standing?.id === values.standing) return;
    const word = standing === null ? "gone" : standing.name ? "overtaken" : "overtaken_draft";
    panel.find("overtaken-words").textContent = panel.say(word, standing ?? {});
    overtaken.hidden = false;
  }

  async function tell(shown) {
    const query = new URLSearchParams({ film: values.film, shown });
    try {
      const answer = await call("PUT", `${path}?${query}`);
      if (signal.aborted) return;
      showOthers(answer.others);
      showStanding(answer.standing);
    } catch {
      // Said again in a few seconds; what is typed does not depend on it.
    }
  }

  const timer = setInterval(() => tell(false), values.tells_every * 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  panel.find("reload").addEventListener("click", async () => {
    await panel.editor?.flush();
    panel.reload();
  }, { signal });
  window.addEventListener("pagehide", () => {
    call("DELETE", path, undefined, { keepalive: true }).catch(() => {});
  }, { signal });
  tell(true);
}
