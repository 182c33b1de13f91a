// Stands in for the news and the network of a worklist's page, so that a test tells the one and
// slows the other. An aborted load is refused, as fetch does it.
const room = { delay: 0, fails: false, begun: 0, shown: 0, source: null };
const real = window.fetch;

window.room = room;
window.fetch = (address, options = {}) => {
  if (!String(address).startsWith("/worklist/lists")) return real(address, options);
  room.begun += 1;
  return new Promise((done, refuse) => {
    options.signal.addEventListener("abort", () => refuse(options.signal.reason));
    setTimeout(() => {
      if (room.fails) refuse(new TypeError("away"));
      else real(address, options).then(done, refuse);
    }, room.delay);
  });
};
window.EventSource = class extends EventTarget {
  static CLOSED = 2;

  readyState = 1;

  constructor() {
    super();
    room.source = this;
  }

  close() {
    this.readyState = 2;
  }
};
room.tell = (name, news) =>
  room.source.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(news) }));
addEventListener("firstread:lists-loaded", () => (room.shown += 1), true);
