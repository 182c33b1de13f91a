// Every page: changes made through htmx bring the session's token along.

// Asked for each time: signing in again in another tab changes it.
const token = () => document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:configRequest", (event) => {
  if (token()) event.detail.headers["X-CSRF-Token"] = token();
});

/** Say something to those who do not see the page change. */
export function announce(words) {
  const place = document.getElementById("announcements");
  if (place) place.textContent = words;
}

/** Send JSON to the API with the session's token; give the answer's JSON, or throw its problem. An
 * error without a `problem` is no answer of FirstRead's, but perhaps of a proxy before it.
 * `keepalive` lets it outlive the page. */
export async function call(method, path, body, { keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (token()) headers["X-CSRF-Token"] = token();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    keepalive,
  });
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  const values = answer.status === 204 || (!answer.ok && !isJson) ? null : await answer.json();
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("firstread:refused"));
  if (!answer.ok) throw Object.assign(new Error(values?.detail ?? `${answer.status} ${answer.statusText}`.trim()), { status: answer.status, problem: values });
  return values;
}
