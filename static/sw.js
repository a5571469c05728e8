// Keeps the application openable without network: its files, and the four pages of the field.
// It holds no entry: those are in the page's own store, so that no update of this script, and no
// update of the application, can strand them.
"use strict";

const VERSION = "__VERSION__", ASSETS = "__ASSETS__", PAGES = "__PAGES__", OFFLINE = "__OFFLINE__";
const FILES = `files-${VERSION}`, KEPT = `pages-${VERSION}`, PATIENCE = 4000;

addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(FILES);
  await cache.addAll(ASSETS.map((url) => new Request(url, { cache: "reload" })));
  await cache.add(new Request(OFFLINE, { cache: "reload", credentials: "omit" }));
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil(clients.claim().then(tidy)));

// Pages of an older version go once those of this one are kept; until then both can open.
// A worker about to be replaced touches nothing: the other caches are its successor's.
async function tidy() {
  if (registration.installing || registration.waiting) return;
  const names = await caches.keys();
  const older = names.filter((name) => /^(files|pages)-/.test(name) && name !== FILES && name !== KEPT);
  if (!older.length) return;
  const holdsPages = names.some((name) => name.startsWith("pages-") && name !== KEPT);
  if (!holdsPages || (names.includes(KEPT) && (await keepPages()))) await Promise.all(older.map((name) => caches.delete(name)));
}

// Fetches the pages that are not kept yet; false when one could not be had. Who asks while they are
// being fetched waits for the same: where the server is slow, more asking would make it slower.
let keeping = null;
const keepPages = () => keeping ??= fetchPages().finally(() => { keeping = null; });

async function fetchPages() {
  const cache = await caches.open(KEPT);
  let whole = true;
  for (const path of PAGES) {
    if (await cache.match(path)) continue;
    const response = await fetch(path, { credentials: "same-origin", headers: { "X-Keep": "1" } }).catch(() => null);
    if (isPage(response)) await keep(path, response);
    else whole = false;
  }
  return whole;
}
// Kept without what it said once: « Enregistré » must not be read again without network. And marked,
// so that the page does not take its day for today's.
async function keep(path, response) {
  const html = (await response.text()).replace(/<!--once-->[^]*?<!--\/once-->/, "").replace("<html ", "<html data-kept ");
  await (await caches.open(KEPT)).put(path, new Response(html, { headers: response.headers }));
}
// Not a fault, and not the sign-in page in its place.
const isPage = (response) => Boolean(response) && response.ok && !response.redirected && response.type === "basic";

addEventListener("message", (event) => {
  if (event.data === "pages") event.waitUntil(keepPages().then(tidy));
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (ASSETS.includes(url.pathname)) event.respondWith(file(event.request, url));
  else if (event.request.mode === "navigate") event.respondWith(page(event, url));
});

async function file(request, url) {
  // Any version's: a page kept earlier asks for the files it came with.
  return (await caches.match(url.pathname)) ?? fetch(request);
}

async function page(event, url) {
  const isKept = PAGES.includes(url.pathname);
  try {
    const response = await (isKept ? soon(event.request) : fetch(event.request));
    if (isKept && isPage(response) && !url.search) {
      const copy = response.clone();
      event.waitUntil(keep(url.pathname, copy));
    }
    if (response.status < 500 || !isKept) return response;
    return (await kept(url.pathname)) ?? response;
  } catch (error) {
    return (isKept && (await kept(url.pathname))) || (await caches.match(OFFLINE)) || Promise.reject(error);
  }
}
// In the street a network that answers too late is none; but without a page kept, it is waited for.
async function soon(request) {
  if (!(await kept(new URL(request.url).pathname))) return fetch(request);
  return Promise.race([fetch(request), new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE))]);
}
const kept = async (path) => (await (await caches.open(KEPT)).match(path)) ?? caches.match(path);
