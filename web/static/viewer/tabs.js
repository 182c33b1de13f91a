// Tabs (WAI-ARIA authoring practices, "Tabs"): one panel shown at a time, arrows between the tabs.
// A panel that comes into sight gets `firstread:tab-shown`, by which it may load itself.

function show(tabs, chosen) {
  for (const tab of tabs) {
    const selected = tab === chosen;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    panel.hidden = !selected;
    if (selected) panel.dispatchEvent(new CustomEvent("firstread:tab-shown", { bubbles: true }));
  }
}

/** Make a list of tabs work; give a function that shows the tab of an id. */
export function tabList(list) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  for (const tab of tabs) tab.addEventListener("click", () => show(tabs, tab));
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = tabs[(at + steps[event.key] + tabs.length) % tabs.length];
    show(tabs, next);
    next.focus();
  });
  return (id) => show(tabs, tabs.find((tab) => tab.id === id));
}
