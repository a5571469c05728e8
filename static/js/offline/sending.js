// Sends what waits to the server, one tab at a time, and only as who it belongs to. An entry is let go
// of after the server's word and never before; one that the server cannot take holds up no other.
// What is being sent is told by the event `queue:sending`.

import { forgetKey, holds, mark, owner, photos, read, removePhoto, rows, settle, takeKey, tellChange, usable } from "./store.js";

const TURN = "humanicite", BATCH = 20, PATIENCE = 15000, PATIENCE_PHOTO = 120000, MOST_FAILURES = 3;

// The page of what waits; the server's answers are beneath it.
export const base = () => document.body.dataset.queue.replace(/qui\/$/, "");

// Throws without network; an answer that is a fault carries its `status`.
async function ask(path, { patience = PATIENCE, ...options } = {}) {
  const response = await fetch(base() + path, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(patience), ...options });
  if (response.redirected || !response.ok) throw Object.assign(new Error("refused"), { status: response.redirected ? 0 : response.status });
  return response.json();
}
const post = (path, token, content = {}) => (content instanceof FormData
  ? ask(path, { method: "POST", headers: { "X-CSRFToken": token }, patience: PATIENCE_PHOTO, body: content })
  : ask(path, { method: "POST", headers: { "X-CSRFToken": token, "Content-Type": "application/json" }, body: JSON.stringify(content) }));

// Who is signed in: {signed_in, owner, token, now}; null without network.
let told = "";
export const who = () => ask("qui/").then((me) => { told = me.now ?? ""; return me; }).catch(() => null);
// The server's day and moment when it was last asked; nothing before.
export const serverDay = () => told.slice(0, 10);
export const serverMoment = () => Date.parse(told);

async function forgetPages() {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) if (name.startsWith("pages-")) await caches.delete(name);
}
// Drops the key and the kept pages; what waits stays, locked.
export async function leave() {
  try { await forgetKey(); } finally { await forgetPages(); }
}
// Takes the key of who is signed in; somebody else's stays out of reach from here on.
export async function enter(me) {
  if (!me?.signed_in || me.owner === owner()) return;
  if (holds()) await leave();
  if (me.owner) await takeKey(await post("cle/", me.token));
}

// The entry whose page waits for the server's word: the next page tells it, whichever sending took
// the entry, for one that began on its own may come before the page's.
let announced = "";
export function announce(uid) { announced = uid; answer = null; }
let answer = null; // what became of it
export const answerOf = (uid) => (uid === announced ? answer : null);

// Sends what waits, or one entry; answers "sent", "offline", "signed-out", "other" or "busy".
export async function send({ uid = null, wait = Boolean(uid) } = {}) {
  if (!usable || !holds()) return "offline";
  // What nobody waits for need not be asked for twice.
  return navigator.locks.request(TURN, wait ? {} : { ifAvailable: true }, async (turn) => {
    if (!turn) return "busy";
    if (holds() && !(await rows()).length) return "sent"; // by who had the turn before
    const me = await who();
    if (!me) return "offline";
    if (!me.owner) return "signed-out";
    if (me.owner !== owner()) return "other";
    const due = (await rows()).filter((row) => (uid ? row.uid === uid : row.state === "waiting"));
    for (let at = 0; at < due.length; at += BATCH) {
      if (!(await sendSome(due.slice(at, at + BATCH), me.token))) return "offline";
    }
    return "sent";
  }).finally(tellChange);
}
// False when the server is out of reach. A batch that fails is sent one by one.
async function sendSome(some, token) {
  document.dispatchEvent(new CustomEvent("queue:sending", { detail: some.map((row) => row.uid) }));
  try {
    await sendBatch(some, token);
    return true;
  } catch (error) {
    if (!error.status) return false;
  }
  let failures = 0;
  for (const row of some) {
    try { await sendBatch([row], token); failures = 0; } catch (error) {
      if (!error.status || (failures += 1) >= MOST_FAILURES) return false;
      if (error.status === 400 || error.status === 413) await mark(row, "refused", { ...(await read(row)), answer: { faults: [{ message: "Le serveur n’a pas su lire cette saisie." }] } });
    }
  }
  return true;
}
async function sendBatch(all, token) {
  const some = [], entries = [];
  for (const row of all) {
    const entry = await read(row);
    if (entry.kind === "signalement") await sendDraft(row, entry, token);
    else { some.push(row); entries.push(entry); }
  }
  if (!some.length) return;
  const { answers } = await post("envoi/", token, { announce: announced, entries: entries.map(({ uid, version, anew, fields }) => ({ uid, version, anew, fields })) });
  for (const [n, became] of answers.entries()) {
    const row = some[n], entry = entries[n];
    if (row.uid === announced) answer = became;
    if (became.state === "refused" || became.state === "conflict") await mark(row, became.state, { ...entry, answer: became });
    else if (became.state === "saved" || became.state === "known") await sendPhotos(row, entry, token);
  }
}
// A signalement is written with its pictures at once, as a draft that somebody checks and sends.
async function sendDraft(row, entry, token) {
  const content = new FormData();
  entry.fields.forEach(([name, value]) => content.append(name, value));
  for (const photo of await photos(row.uid)) content.append("photos", photo.blob, "photo.jpg");
  const became = await post("../signalements/envoi/", token, content);
  if (became.state === "refused") await mark(row, "refused", { ...entry, answer: became });
  else await settle(row);
}
// The activity is saved; its pictures follow. One that is refused stays until the person has seen
// why; one that did not get through waits.
async function sendPhotos(row, entry, token) {
  const faults = [];
  let whole = true;
  for (const photo of await photos(row.uid)) {
    const content = new FormData();
    content.set("activity", row.uid);
    content.set("uid", photo.uid);
    content.set("file", photo.blob, "photo.jpg");
    let answer;
    try { answer = await post("../photos/envoi/", token, content); } catch (error) {
      answer = error.status === 413 ? { state: "refused", message: "Cette photo est trop lourde." } : { state: "later" };
    }
    if (answer.state === "refused") faults.push({ message: answer.message });
    else if (answer.state === "saved" || answer.state === "known") await removePhoto(photo.uid);
    else whole = false;
  }
  if (faults.length) await mark(row, "photos", { ...entry, answer: { faults } });
  else if (whole) await settle(row);
}
