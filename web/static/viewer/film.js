// A film from the server: how to look at it, its picture in few pixels, then the whole.

// Asked for as the page's head asks beforehand (`rel=preload`), or it would be asked for twice.
async function answered(address) {
  const answer = await fetch(address);
  if (answer.ok) return answer;
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("firstread:refused"));
  const problem = await answer.json().catch(() => null);
  throw Object.assign(new Error(problem?.detail ?? answer.statusText), { status: answer.status });
}

/** Read pixels as they come; `told` gets the share that is here. Browsers are little endian. */
async function pixelsOf(answer, size, told) {
  const bytes = new Uint8Array(size.rows * size.columns * 2);
  const reader = answer.body.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > bytes.length) throw new Error(`more than ${bytes.length} bytes`);
    bytes.set(value, at);
    at += value.length;
    told?.(at / bytes.length);
  }
  if (at !== bytes.length) throw new Error(`${at} of ${bytes.length} bytes`);
  return new Uint16Array(bytes.buffer);
}

function level(size, pixels, extent) {
  return { rows: size.rows, columns: size.columns, pixels, extent };
}

/**
 * Load the film at an address of the API. Each of the listeners is called once: `seen` with the
 * display and the preview's level, `whole` with the display and the finest level; `told` with the
 * share of the whole that is here. Throws where it cannot be shown, with the server's words.
 */
export async function loadFilm(address, { seen, whole, told }) {
  // Both at once: on a slow network every way to and fro is felt.
  const asked = [answered(`${address}/display`), answered(`${address}/preview`)];
  const [said, preview] = await Promise.all(asked);
  const display = await said.json();
  const { rows, columns } = display.whole;
  const few = await pixelsOf(preview, display.preview);
  const extent = [columns / display.factor, rows / display.factor];
  seen(display, level(display.preview, few, extent));
  if (display.factor === 1) whole(display, level(display.whole, few, [columns, rows]));
  else {
    const all = await pixelsOf(await answered(`${address}/pixels`), display.whole, told);
    whole(display, level(display.whole, all, [columns, rows]));
  }
  return display;
}
