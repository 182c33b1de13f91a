// Rejecting a draft: a code, a reason in words, and a button.

import { bind } from "../script/keys.js";

export function rejecting(panel) {
  const { values, signal } = panel;
  const dialog = panel.find("reject-dialog");
  const form = panel.find("reject-form");
  const problem = form.querySelector("[data-problem]");

  function ask() {
    problem.hidden = true;
    dialog.showModal();
    form.elements.reason.focus();
  }

  form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close(), { signal });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = { version_id: values.standing, code: form.elements.code.value, reason: form.elements.reason.value };
    try {
      await panel.editor.flush();
      await panel.call("POST", "/reject", said);
    } catch (error) {
      problem.textContent = panel.failed(error);
      problem.hidden = false;
      return;
    }
    dialog.close();
    panel.tell("rejected");
    panel.emit("reviewed", { filmUid: values.film });
    panel.reload();
  }, { signal });
  panel.find("reject").addEventListener("click", ask, { signal });
  bind("x", values.words.keys.reject, ask);
}
