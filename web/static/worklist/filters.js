// Filters live in the page's address. What is searched for may be a name, so it stands behind "#":
// that part stays in the browser, and goes to the server in the body of a request alone.

const form = document.getElementById("worklist-filters");
const field = document.getElementById("worklist-text");

/** Give what is searched for; "" for nothing. */
export function searched() {
  return new URLSearchParams(location.hash.slice(1)).get("text")?.trim() ?? "";
}

/** Let the form change the address, and a changed search load the lists. */
export function bindFilters(load) {
  field.value = searched();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(load);
  });
  for (const choice of form.querySelectorAll("select")) choice.addEventListener("change", () => go(load));
  // The cross in the field empties it without a key.
  field.addEventListener("search", () => go(load));
  addEventListener("hashchange", () => {
    field.value = searched();
    load();
  });
}

function go(load) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.set(name, value);
  if (query.get("place") === "drafts") query.delete("place");
  const text = field.value.trim();
  const hash = text ? `#${new URLSearchParams({ text })}` : "";
  const address = `${location.pathname}${query.size ? `?${query}` : ""}${hash}`;
  if (address === location.pathname + location.search + location.hash) load();
  else location.assign(address);
}
