// The form that asks, and what else one does to a question: call it off, ask it again, insert a
// sentence of its answer into the report.

/** Make the form of a talk work. */
export function asking(talk) {
  const form = talk.root.querySelector("[data-ask]");
  const list = talk.root.querySelector("[data-turns]");
  const field = form?.elements.question;
  const refused = form?.querySelector("[data-refused]");
  let sending = false;

  function refuse(word, why = "") {
    if (!refused) return;
    refused.textContent = talk.say(word, { why });
    refused.hidden = false;
  }

  function refresh() {
    const button = form?.querySelector("button");
    if (button) button.disabled = sending || talk.waits();
  }

  async function ask() {
    const question = field.value.trim();
    if (!question || sending || talk.waits()) return;
    sending = true;
    refused.hidden = true;
    refresh();
    try {
      const { id } = await talk.call("POST", "/turns", { question });
      // What was typed meanwhile is the next question.
      if (field.value.trim() === question) field.value = "";
      await talk.show(id, list, "beforeend");
      list.lastElementChild?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      refuse("not_asked", talk.why(error));
    } finally {
      sending = false;
      refresh();
    }
  }

  async function callOff(turn) {
    try {
      await talk.call("POST", `/turns/${turn.dataset.turn}/cancel`);
    } catch (error) {
      refuse("not_called_off", talk.why(error));
    }
  }

  form?.addEventListener("submit", (event) => { event.preventDefault(); ask(); }, { signal: talk.signal });
  field?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask();
  }, { signal: talk.signal });
  talk.root.addEventListener("click", ({ target }) => {
    if (target.closest("[data-cancel]")) callOff(target.closest("[data-turn]"));
    const again = target.closest("[data-again]");
    if (again && field) {
      field.value = again.dataset.again;
      field.focus();
    }
    const insert = target.closest("[data-insert]");
    if (!insert) return;
    // Where nobody may edit, there is no editor that could take it.
    if (document.querySelector("[data-editor]")) talk.emit("insert-text", { text: insert.dataset.insert });
    else refuse("no_editor");
  }, { signal: talk.signal });
  return { refresh };
}
