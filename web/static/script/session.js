// The person's session in every open page: tells the server that somebody is there, locks the screen
// on top of the page when nobody is, and opens it again with everything that was typed still there.
// All windows of one browser hear of each other, so that work in one keeps the others open.

import { askToUnlock } from "./lock.js";

const cover = document.getElementById("lock-screen");
const meta = document.querySelector('meta[name="csrf-token"]');
const idle = 1000 * Number(cover?.dataset.idleSeconds ?? 0);
const STEP = Math.min(15_000, idle / 4);
const channel = new BroadcastChannel("firstread-session");

let lastUse = Date.now();
let lastTold = 0;
let lock = null;

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": meta.content },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const values = answer.status === 204 ? null : await answer.json();
  return { status: answer.status, values };
}

async function settle() {
  const { status, values } = await ask("GET", "/api/v1/session");
  if (status === 401) return show("ended");
  if (status !== 200) return undefined;
  if (values.name !== cover.dataset.name) return location.assign("/");
  meta.content = values.csrf_token;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = values.csrf_token;
  return values.locked ? show("locked") : open();
}

function show(state) {
  lock ??= askToUnlock(cover, { unlock, settle });
  lock.say(state);
}

function open() {
  if (!lock) return;
  lock.close();
  lock = null;
  lastUse = Date.now();
  document.body.dispatchEvent(new CustomEvent("firstread:unlocked", { bubbles: true }));
}

async function unlock(password) {
  const { status, values } = await ask("POST", "/api/v1/session/unlock", { password });
  if (status === 401) return show("ended");
  if (status !== 200) throw new Error(values.detail);
  channel.postMessage("opened");
  return open();
}

async function lockNow() {
  show("locked");
  channel.postMessage("locked");
  await ask("POST", "/api/v1/session/lock").then(({ status }) => status === 401 && settle());
}

async function used() {
  if (lock) return;
  lastUse = Date.now();
  if (lastUse - lastTold < STEP) return;
  lastTold = lastUse;
  channel.postMessage("used");
  const { status } = await ask("POST", "/api/v1/session/use");
  if (status === 401) await settle();
}

function quietly(act) {
  // The server may be away; whoever asks it next says so.
  return (...given) => act(...given).catch(() => undefined);
}

function watch() {
  for (const kind of ["pointerdown", "keydown", "wheel"])
    addEventListener(kind, quietly(used), { passive: true, capture: true });
  document.addEventListener("firstread:refused", quietly(settle));
  document.addEventListener("visibilitychange", () => document.hidden || check());
  channel.addEventListener("message", ({ data }) => {
    if (data === "used") lastUse = Date.now();
    else quietly(settle)();
  });
  setInterval(check, Math.min(1000, idle / 4));
  channel.postMessage("opened");
}

function check() {
  if (!lock && Date.now() - lastUse >= idle) quietly(lockNow)();
}

if (cover && meta) watch();
