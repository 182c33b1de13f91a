// Follows an answer while it is written; its whole form comes from the server at its end.

const AGAIN_MILLISECONDS = 3000;
const GONE = [403, 404];
const ENDS = ["end", "failed", "cancelled"];

/** Follow the turn of an element, once. */
export function follow(talk, turn) {
  if (turn.dataset.followed) return;
  turn.dataset.followed = "yes";
  const { turn: id } = turn.dataset;
  const written = turn.querySelector("[data-written]");
  const waiting = turn.querySelector("[data-waiting]");
  let source = null;

  function say(word, filling) {
    const words = talk.say(word, filling);
    if (waiting.textContent !== words) waiting.textContent = words;
  }

  async function finish() {
    source?.close();
    const said = written.textContent.trim();
    await talk.show(id, turn, "outerHTML");
    const now = talk.root.querySelector(`[data-turn="${id}"]`);
    now?.scrollIntoView({ block: "nearest" });
    const why = now?.querySelector("[data-failed]")?.textContent.trim();
    if (why) talk.tell("failed", { why });
    else if (now?.dataset.state === "cancelled") talk.tell("cancelled");
    else talk.tell("answered", { answer: said });
  }

  // The stream was refused: the screen is locked, the session over, or the server being restarted.
  async function tryAgain() {
    if (talk.signal.aborted) return;
    try {
      const { state } = await talk.call("GET", `/turns/${id}`);
      if (state === "waiting" || state === "answering") listen();
      else finish();
    } catch (error) {
      // The study was closed to this person, or the film went: nothing more is told.
      if (!GONE.includes(error.status)) setTimeout(tryAgain, AGAIN_MILLISECONDS);
    }
  }

  function listen() {
    written.textContent = "";
    source = new EventSource(`/api/v1${talk.address}/turns/${id}/events`);
    source.addEventListener("begin", () => { written.textContent = ""; say("writing"); });
    source.addEventListener("text", ({ data }) => {
      written.append(JSON.parse(data).text);
      waiting.scrollIntoView({ block: "nearest" });
    });
    source.addEventListener("waiting", ({ data }) => {
      const { away, worker, ahead } = JSON.parse(data);
      if (away) say("away");
      else if (!worker) say("no_worker");
      else if (ahead) say("ahead", { ahead });
      else say("queued");
    });
    for (const kind of ENDS) source.addEventListener(kind, finish);
    source.addEventListener("error", () => {
      say("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(tryAgain, AGAIN_MILLISECONDS);
    });
  }

  talk.signal.addEventListener("abort", () => source?.close());
  listen();
}
