// Texts of drafts that stand no longer: taken over into the editor, or given up by hand.

export function leftOvers(panel, takeOver) {
  for (const one of panel.root.querySelectorAll("[data-left-over]")) {
    const query = new URLSearchParams({ reading_id: one.dataset.reading, revision: one.dataset.revision });
    const giveUp = async () => {
      try {
        await panel.call("DELETE", `/unsigned?${query}`);
      } catch (error) {
        panel.failed(error);
        return;
      }
      one.remove();
    };
    one.querySelector("[data-forget]").addEventListener("click", giveUp, { signal: panel.signal });
    one.querySelector("[data-take-over]")?.addEventListener("click", async () => {
      const text = (what) => one.querySelector(`[data-left-${what}]`).textContent;
      if (await takeOver({ findings: text("findings"), impression: text("impression") })) await giveUp();
    }, { signal: panel.signal });
  }
}
