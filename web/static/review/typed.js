// What was typed and is not kept by the server yet, in this tab's own storage: it outlives a reload,
// a crash of the server and a lost network, and ends with the tab.

const PREFIX = "firstread:typed:";

function key(account, reading) {
  return `${PREFIX}${account}:${reading}`;
}

/** Give what is stored of a person's text of a reading; null for nothing. */
export function stored(account, reading) {
  const text = sessionStorage.getItem(key(account, reading));
  return text === null ? null : JSON.parse(text);
}

/** Store a text; where the browser lets nobody store anything, it stays on the page alone. */
export function store(account, reading, typed) {
  try {
    sessionStorage.setItem(key(account, reading), JSON.stringify(typed));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Forget a text: the server has it, or nobody wants it any more. */
export function forget(account, reading) {
  sessionStorage.removeItem(key(account, reading));
}

/** Give every stored text of a person, with the reading of each. */
export function allStored(account) {
  const own = `${PREFIX}${account}:`;
  const keys = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at));
  return keys.filter((one) => one.startsWith(own)).map((one) => ({ reading: one.slice(own.length), typed: JSON.parse(sessionStorage.getItem(one)) }));
}
