// Fetches a part of a page that a script has to look at before it is shown.

/** Post a form, or ask where there is none; give the part's nodes, or throw an error with its status
 * and its words. */
export async function part(path, fields) {
  const answer = await fetch(path, {
    method: fields ? "POST" : "GET",
    // Asked as htmx asks, so that a locked screen answers with 401 and not with another page.
    headers: fields ? { "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]')?.content ?? "" } : { "HX-Request": "true" },
    body: fields && new URLSearchParams(fields),
    credentials: "same-origin",
  });
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("firstread:refused"));
  if (!answer.ok) {
    const words = parsed.querySelector("main p")?.textContent ?? answer.statusText;
    throw Object.assign(new Error(words), { status: answer.status });
  }
  const found = document.createDocumentFragment();
  found.append(...parsed.body.childNodes);
  return found;
}
