// The lock itself: a dialog over everything, from which no key reaches the page below.

/** Cover the page; `acts` has `unlock(password)`, which rejects with words, and `settle()`. */
export function askToUnlock(cover, acts) {
  const words = cover.dataset;
  const dialog = cover.content.firstElementChild.cloneNode(true);
  const before = document.activeElement;
  const title = dialog.querySelector("h1");
  const notice = dialog.querySelector("[role=alert]");
  const password = dialog.querySelector("input[type=password]");
  let closing = false;

  function refuse(text) {
    notice.textContent = text;
    notice.hidden = false;
  }

  async function submit(event) {
    event.preventDefault();
    try {
      await acts.unlock(password.value);
    } catch (error) {
      refuse(error instanceof TypeError ? words.away : words.wrong.replace("%(why)s", error.message));
    }
    password.value = "";
    password.focus();
  }

  const keep = (event) => {
    if (dialog.contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  dialog.querySelector(".by-password")?.addEventListener("submit", submit);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => closing || dialog.showModal());
  addEventListener("keydown", keep, { capture: true });
  document.body.append(dialog);
  document.body.classList.add("locked");
  dialog.showModal();
  (password ?? dialog.querySelector(".by-provider a, button")).focus();

  return {
    say(state) {
      title.textContent = words[state];
      for (const part of dialog.querySelectorAll(".by-password, .by-provider")) part.hidden = state === "ended";
      dialog.querySelector(".by-signing-in").hidden = state !== "ended";
    },
    close() {
      closing = true;
      removeEventListener("keydown", keep, { capture: true });
      document.body.classList.remove("locked");
      dialog.remove();
      before?.focus?.();
    },
  };
}
