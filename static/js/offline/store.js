// What waits on this phone: entries, drafts and pictures, each locked with its owner's key, which the
// server gives once signed in and sign-out drops. Nobody reads another's, and nothing leaves but by
// `settle`, `remove` or `dropDraft`. What the phone cannot keep throws `StoreRefused` (database.js).
// Whatever changes is told to the page and to other tabs by the event `queue:changed`.

import { got, transact } from "./database.js";

export const usable = "indexedDB" in window && Boolean(window.crypto?.subtle) && Boolean(navigator.locks);
const channel = "BroadcastChannel" in window ? new BroadcastChannel("humanicite") : null;
const tellPage = () => document.dispatchEvent(new CustomEvent("queue:changed"));
channel?.addEventListener("message", tellPage);
export function tellChange() {
  channel?.postMessage("changed");
  tellPage();
}

// --- The lock --------------------------------------------------------------------------------------
let lock = null; // {owner, key}

export const holds = () => Boolean(lock);
export const owner = () => lock?.owner;

// The key that the phone kept, if it did.
export async function unlock() {
  const known = await transact("readonly", (tables) => got(tables.keys.get("current")));
  lock = known ? { owner: known.owner, key: known.key } : null;
}
// `secret`: the key in hexadecimal. The browser holds it so that no script can read it again.
export async function takeKey({ owner, secret }) {
  const bytes = new Uint8Array(secret.match(/../g).map((pair) => parseInt(pair, 16)));
  lock = { owner, key: await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]) };
  await transact("readwrite", (tables) => got(tables.keys.put({ id: "current", ...lock })));
}
export async function forgetKey() {
  lock = null;
  if (usable) await transact("readwrite", (tables) => got(tables.keys.clear()));
}
// Whose phone this is, is known; or the store does not open, and nobody waits for it for ever.
export const ready = usable ? Promise.race([unlock().catch(() => null), new Promise((go) => setTimeout(go, 2000))]) : Promise.resolve();

async function close(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, lock.key, bytes) };
}
// `held`: the lock as it was when the reading began; signing out meanwhile breaks nothing.
const open = (row, held) => crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, held.key, row.box);
const closed = (value) => close(new TextEncoder().encode(JSON.stringify(value)));
export const read = async (row, held = lock) => JSON.parse(new TextDecoder().decode(await open(row, held)));

// --- Entries ---------------------------------------------------------------------------------------
const all = (table) => transact("readonly", (tables) => got(tables[table].getAll()));
const mine = async (table, held) => (held ? (await all(table)).filter((row) => row.owner === held.owner) : []);

// Rows as they lie, locked: uid, state, created, changed. The oldest first.
export const rows = async (held = lock) => (await mine("entries", held)).sort((a, b) => a.created - b.created);
// Of whoever they are: to be counted, once signed out.
export const everybodysRows = () => all("entries");

// `entry`: {uid, fields: [[name, value]…], version, said}; its pictures are already in the store.
export async function add(entry) {
  const row = { uid: entry.uid, owner: lock.owner, state: "waiting", created: Date.now(), changed: crypto.randomUUID(), ...(await closed(entry)) };
  await transact("readwrite", (tables) => got(tables.entries.put(row)));
  navigator.storage?.persist?.();
  tellChange();
}
// Entries in clear, with their state; the oldest first.
export async function list() {
  await ready;
  const held = lock;
  return Promise.all((await rows(held)).map(async (row) => ({ ...(await read(row, held)), state: row.state, created: row.created })));
}
// Corrected in another tab meanwhile: what was typed there is what counts.
const isStill = async (tables, row) => (await got(tables.entries.get(row.uid)))?.changed === row.changed;

export async function mark(row, state, entry) {
  const next = { ...row, state, ...(await closed(entry)) };
  await transact("readwrite", async (tables) => { if (await isStill(tables, row)) tables.entries.put(next); });
}
// The server has it, its pictures included.
export async function settle(row) {
  await transact("readwrite", async (tables) => {
    if (!(await isStill(tables, row))) return;
    tables.entries.delete(row.uid);
    await forgetPhotos(tables, row.uid);
  });
  localStorage.setItem("savedAt", new Date().toISOString());
}
export async function remove(uid, { withPhotos = true } = {}) {
  await transact("readwrite", async (tables) => { tables.entries.delete(uid); if (withPhotos) await forgetPhotos(tables, uid); });
  tellChange();
}

// --- Pictures --------------------------------------------------------------------------------------
async function forgetPhotos(tables, entry) {
  (await got(tables.photos.index("entry").getAllKeys(entry))).forEach((uid) => tables.photos.delete(uid));
}
export async function addPhoto(entry, blob) {
  const row = { uid: crypto.randomUUID(), entry, ...(await close(await blob.arrayBuffer())) };
  await transact("readwrite", (tables) => got(tables.photos.put(row)));
  return row.uid;
}
export async function photos(entry) {
  const held = lock;
  const found = held ? await transact("readonly", (tables) => got(tables.photos.index("entry").getAll(entry))) : [];
  return Promise.all(found.map(async (row) => ({ uid: row.uid, blob: new Blob([await open(row, held)], { type: "image/jpeg" }) })));
}
export const removePhoto = (uid) => transact("readwrite", (tables) => got(tables.photos.delete(uid)));

// --- Drafts ----------------------------------------------------------------------------------------
// A draft is an entry that is not sent yet: it has the entry's uid, and several wait side by side.
export async function putDraft(page, draft) {
  if (!lock) return;
  const row = { id: draft.uid, owner: lock.owner, page, at: Date.now(), ...(await closed(draft)) };
  await transact("readwrite", (tables) => got(tables.drafts.put(row)));
}
// The newest first.
export async function drafts() {
  await ready;
  const held = lock;
  const found = (await mine("drafts", held)).sort((a, b) => b.at - a.at);
  return Promise.all(found.map(async (row) => ({ ...(await read(row, held)), page: row.page, at: row.at })));
}
export const dropDraft = (uid, { withPhotos = false } = {}) => transact("readwrite", async (tables) => {
  tables.drafts.delete(uid);
  if (withPhotos) await forgetPhotos(tables, uid);
});
// Pictures whose form was left without a trace.
export const forgetOrphans = () => transact("readwrite", async (tables) => {
  const held = new Set([...(await got(tables.entries.getAllKeys())), ...(await got(tables.drafts.getAllKeys()))]);
  (await got(tables.photos.getAll())).filter((photo) => !held.has(photo.entry)).forEach((photo) => tables.photos.delete(photo.uid));
});
