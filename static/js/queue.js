// What waits on this phone: entries, drafts and pictures, locked with a key that the server gives
// once signed in and that sign-out drops. An entry leaves the phone only after the server's word.
"use strict";

const Queue = (() => {
  const NAME = "humanicite", STORES = ["keys", "entries", "photos", "drafts"];
  const BATCH = 20, PATIENCE = 15000, PATIENCE_PHOTO = 120000, MOST_FAILURES = 3, TOO_LONG = 48 * 3600 * 1000;
  const usable = "indexedDB" in window && Boolean(window.crypto?.subtle) && Boolean(navigator.locks);
  const body = document.body;
  const base = body.dataset.queue.replace(/qui\/$/, "");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
  let opened = null, lock = null; // lock: {owner, key}

  // --- The store -------------------------------------------------------------------------------
  function database() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        const db = request.result;
        db.createObjectStore("keys", { keyPath: "id" });
        db.createObjectStore("entries", { keyPath: "uid" });
        db.createObjectStore("photos", { keyPath: "uid" }).createIndex("entry", "entry");
        db.createObjectStore("drafts", { keyPath: "id" });
      };
      request.onsuccess = () => {
        // A newer version in another tab takes over; this page goes on asking anew.
        request.result.onversionchange = () => { request.result.close(); opened = null; };
        resolve(request.result);
      };
      request.onerror = () => { opened = null; reject(request.error); };
    });
    return opened;
  }
  // One transaction; `act` gets the stores and returns the request whose result is wanted.
  async function through(mode, act) {
    const db = await database();
    return new Promise((resolve, reject) => {
      const transaction = db.transaction(STORES, mode, { durability: "strict" });
      const stores = Object.fromEntries(STORES.map((name) => [name, transaction.objectStore(name)]));
      const request = act(stores);
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
  const all = (store) => through("readonly", (stores) => stores[store].getAll());
  const photosOf = (entry) => through("readonly", (stores) => stores.photos.index("entry").getAll(entry));
  function forgetPhotos(stores, entry) {
    const request = stores.photos.index("entry").openKeyCursor(IDBKeyRange.only(entry));
    request.onsuccess = () => { if (request.result) { stores.photos.delete(request.result.primaryKey); request.result.continue(); } };
  }

  // --- The lock --------------------------------------------------------------------------------
  async function close(bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, lock.key, bytes) };
  }
  // `held`: the lock as it was when the reading began; signing out meanwhile breaks nothing.
  const open = (row, held = lock) => crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, held.key, row.box);
  const closed = (value) => close(new TextEncoder().encode(JSON.stringify(value)));
  const read = async (row, held = lock) => JSON.parse(new TextDecoder().decode(await open(row, held)));

  // --- The server ------------------------------------------------------------------------------
  // Throws without network; an answer that is a fault carries its `status`.
  async function ask(path, { patience = PATIENCE, ...options } = {}) {
    const response = await fetch(base + path, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(patience), ...options });
    if (response.redirected || !response.ok) throw Object.assign(new Error("refused"), { status: response.redirected ? 0 : response.status });
    return response.json();
  }
  // null without network; otherwise {signed_in, owner, token}.
  const who = () => ask("qui/").catch(() => null);
  const post = (path, token, content) => ask(path, { method: "POST", headers: { "X-CSRFToken": token, ...(content instanceof FormData ? {} : { "Content-Type": "application/json" }) }, patience: content instanceof FormData ? PATIENCE_PHOTO : PATIENCE, body: content instanceof FormData ? content : JSON.stringify(content ?? {}) });

  async function forgetPages() {
    for (const name of await caches.keys()) if (name.startsWith("pages-")) await caches.delete(name);
  }
  async function drop() {
    lock = null;
    if (usable) await through("readwrite", (stores) => stores.keys.clear());
    if ("caches" in window) await forgetPages();
  }
  // Takes the key of who is signed in; somebody else's stays out of reach from here on.
  async function enter(me) {
    if (!me?.signed_in || me.owner === lock?.owner) return;
    if (lock) await drop();
    if (!me.owner) return;
    const given = await post("cle/", me.token);
    const bytes = new Uint8Array(given.secret.match(/../g).map((pair) => parseInt(pair, 16)));
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    lock = { owner: given.owner, key };
    await through("readwrite", (stores) => stores.keys.put({ id: "current", ...lock }));
  }

  // --- Entries ---------------------------------------------------------------------------------
  // `entry`: {uid, fields: [[name, value]…], version, said}; its pictures are already in the store.
  // `announces`: its page waits for the server's word, and the next one tells it, whichever sending
  // took the entry: one that began on its own may come before the page's.
  let announced = "";
  async function put(entry, { announces = false } = {}) {
    if (announces) announced = entry.uid;
    const row = { uid: entry.uid, owner: lock.owner, state: "waiting", created: Date.now(), changed: crypto.randomUUID(), ...(await closed(entry)) };
    await through("readwrite", (stores) => stores.entries.put(row));
    navigator.storage?.persist?.();
    announce();
  }
  async function mark(row, state, entry) {
    const next = { ...row, state, ...(await closed(entry)) };
    await through("readwrite", (stores) => {
      // Corrected in another tab meanwhile: what was typed there is what counts.
      const request = stores.entries.get(row.uid);
      request.onsuccess = () => { if (request.result?.changed === row.changed) stores.entries.put(next); };
    });
  }
  async function remove(uid) {
    await through("readwrite", (stores) => { stores.entries.delete(uid); forgetPhotos(stores, uid); });
    announce();
  }
  async function done(row) {
    await through("readwrite", (stores) => {
      const request = stores.entries.get(row.uid);
      request.onsuccess = () => {
        if (request.result?.changed !== row.changed) return;
        stores.entries.delete(row.uid);
        forgetPhotos(stores, row.uid);
      };
    });
    localStorage.setItem("savedAt", new Date().toISOString());
  }
  const mine = async (store = "entries", held = lock) => (held ? (await all(store)).filter((row) => row.owner === held.owner) : []);
  async function list() {
    await ready;
    const held = lock;
    const rows = (await mine("entries", held)).sort((a, b) => a.created - b.created);
    return Promise.all(rows.map(async (row) => ({ ...(await read(row, held)), state: row.state, created: row.created })));
  }

  // Sends what waits, or one entry; answers "sent", "offline", "signed-out", "other" or "busy".
  async function send({ uid = null, wait = Boolean(uid) } = {}) {
    if (!usable || !lock) return "offline";
    // One tab at a time; what nobody waits for need not be asked for twice.
    return navigator.locks.request(NAME, wait ? {} : { ifAvailable: true }, async (held) => {
      if (!held) return "busy";
      if (lock && !(await mine()).length) return "sent"; // by who had the turn before
      const me = await who();
      if (!me) return "offline";
      if (!me.owner) return "signed-out";
      if (me.owner !== lock?.owner) return "other";
      const rows = (await mine()).filter((row) => (uid ? row.uid === uid : row.state === "waiting")).sort((a, b) => a.created - b.created);
      for (let at = 0; at < rows.length; at += BATCH) {
        if (!(await sendSome(rows.slice(at, at + BATCH), me.token))) return "offline";
      }
      return "sent";
    }).finally(announce);
  }
  // False when the server is out of reach. One entry that it cannot take holds up no other: a batch
  // that fails is sent one by one.
  async function sendSome(rows, token) {
    document.dispatchEvent(new CustomEvent("queue:sending", { detail: rows.map((row) => row.uid) }));
    try {
      await sendBatch(rows, token);
      return true;
    } catch (error) {
      if (!error.status) return false;
    }
    let failures = 0;
    for (const row of rows) {
      try { await sendBatch([row], token); failures = 0; } catch (error) {
        if (!error.status || (failures += 1) >= MOST_FAILURES) return false;
        if (error.status === 400 || error.status === 413) await mark(row, "refused", { ...(await read(row)), answer: { faults: [{ message: "Le serveur n’a pas su lire cette saisie." }] } });
      }
    }
    return true;
  }
  async function sendBatch(rows, token) {
    const entries = await Promise.all(rows.map((row) => read(row)));
    const { answers } = await post("envoi/", token, { announce: announced, entries: entries.map(({ uid, version, anew, fields }) => ({ uid, version, anew, fields })) });
    for (const [n, answer] of answers.entries()) {
      const row = rows[n], entry = entries[n];
      if (answer.state === "refused" || answer.state === "conflict") await mark(row, answer.state, { ...entry, answer });
      else if (answer.state === "saved" || answer.state === "known") await sendPhotos(row, entry, token);
    }
  }
  // The activity is saved; its pictures follow. One that is refused stays until the person has seen
  // why; one that did not get through waits.
  async function sendPhotos(row, entry, token) {
    const faults = [];
    let whole = true;
    for (const photo of await photosOf(row.uid)) {
      const content = new FormData();
      content.set("activity", row.uid);
      content.set("uid", photo.uid);
      content.set("file", new Blob([await open(photo)], { type: "image/jpeg" }), "photo.jpg");
      let answer;
      try { answer = await post("../photos/envoi/", token, content); } catch (error) {
        answer = error.status === 413 ? { state: "refused", message: "Cette photo est trop lourde." } : { state: "later" };
      }
      if (answer.state === "refused") faults.push({ message: answer.message });
      else if (answer.state === "saved" || answer.state === "known") await removePhoto(photo.uid);
      else whole = false;
    }
    if (faults.length) await mark(row, "photos", { ...entry, answer: { faults } });
    else if (whole) await done(row);
  }

  // --- Pictures and drafts ---------------------------------------------------------------------
  async function putPhoto(entry, blob) {
    const row = { uid: crypto.randomUUID(), entry, ...(await close(await blob.arrayBuffer())) };
    await through("readwrite", (stores) => stores.photos.put(row));
    return row.uid;
  }
  async function photos(entry) {
    const held = lock;
    const rows = held ? await photosOf(entry) : [];
    return Promise.all(rows.map(async (row) => ({ uid: row.uid, blob: new Blob([await open(row, held)], { type: "image/jpeg" }) })));
  }
  const removePhoto = (uid) => through("readwrite", (stores) => stores.photos.delete(uid));

  // A draft is an entry that is not sent yet: it has the entry's uid, and several wait side by side.
  async function putDraft(page, draft) {
    if (!lock) return;
    const row = { id: draft.uid, owner: lock.owner, page, at: Date.now(), ...(await closed(draft)) };
    await through("readwrite", (stores) => stores.drafts.put(row));
  }
  // The newest first.
  async function drafts() {
    await ready;
    const held = lock;
    const rows = (await mine("drafts", held)).sort((a, b) => b.at - a.at);
    return Promise.all(rows.map(async (row) => ({ ...(await read(row, held)), page: row.page, at: row.at })));
  }
  const dropDraft = (uid, { withPhotos = false } = {}) => through("readwrite", (stores) => { stores.drafts.delete(uid); if (withPhotos) forgetPhotos(stores, uid); });
  // Pictures whose form was left without a trace.
  async function forgetOrphans() {
    const held = new Set([...(await all("entries")), ...(await all("drafts")).map((row) => ({ uid: row.id }))].map((row) => row.uid));
    const orphans = (await all("photos")).filter((photo) => !held.has(photo.entry));
    if (orphans.length) await through("readwrite", (stores) => orphans.forEach((photo) => stores.photos.delete(photo.uid)));
  }

  // --- What every page says of it --------------------------------------------------------------
  const moment = (time) => new Date(time).toLocaleString("fr-FR", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  const clock = (time) => new Date(time).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });
  const many = (n, one, several) => `${n}\u00a0${n > 1 ? several : one}`;
  function notice(kind, text, href, label) {
    const where = document.querySelector("[data-queue-notice]");
    where.replaceChildren();
    if (!text) return;
    const made = document.createElement("div"), paragraph = document.createElement("p");
    made.className = `notice notice--${kind}`;
    made.setAttribute("role", "status");
    paragraph.append(text);
    if (href) { const link = document.createElement("a"); link.href = href; link.textContent = label; paragraph.append(" ", link); }
    made.append(paragraph);
    where.append(made);
  }
  function announce() {
    channel?.postMessage("changed");
    document.dispatchEvent(new CustomEvent("queue:changed"));
  }
  let offline = false;
  async function show() {
    if (!usable) return;
    const rows = lock ? await mine() : body.hasAttribute("data-signed-out") ? await all("entries") : [];
    const stuck = rows.filter((row) => row.state !== "waiting").length;
    document.querySelectorAll("[data-waiting-count]").forEach((badge) => {
      badge.hidden = !rows.length;
      badge.replaceChildren(String(rows.length));
      const words = document.createElement("span");
      words.className = "visually-hidden";
      words.textContent = rows.length > 1 ? " saisies à envoyer" : " saisie à envoyer";
      badge.append(words);
    });
    if (document.querySelector("[data-waiting-page]")) return;
    const oldest = Math.min(...rows.map((row) => row.created));
    const waits = `${many(rows.length, "saisie attend", "saisies attendent")} sur ce téléphone`;
    const leave = rows.length > 1 ? "partiront seules" : "partira seule";
    if (document.querySelector("[data-offline]")) {
      if (rows.length) notice("info", `${waits} et ${leave}.`);
    } else if (body.hasAttribute("data-signed-out")) {
      if (rows.length) notice("info", `${waits}, à l’abri. Connectez-vous : ${rows.length > 1 ? "elles" : "elle"} ${leave}.`);
    } else if (!rows.length) notice("info", offline && body.hasAttribute("data-may-log") ? "Hors ligne. Vous pouvez saisir : tout attendra sur ce téléphone et partira seul au retour du réseau." : "");
    else if (stuck) notice("warning", `${many(stuck, "saisie demande", "saisies demandent")} votre attention.`, base, "Voir");
    else if (Date.now() - oldest > TOO_LONG) notice("warning", `${waits} depuis le ${moment(oldest)}. Ouvrez l’application là où il y a du réseau.`, base, "Voir");
    else notice(offline ? "warning" : "info", `${offline ? "Hors ligne. " : ""}${waits} et ${leave}.`, base, "Voir");
  }

  // --- Start -----------------------------------------------------------------------------------
  async function unlock() {
    if (!usable) return;
    const known = await through("readonly", (stores) => stores.keys.get("current"));
    lock = known ? { owner: known.owner, key: known.key } : null;
  }
  async function start() {
    if (!usable) return;
    await unlock();
    await show();
    if (body.hasAttribute("data-signed-out") && (!lock || location.search.includes("sorti"))) await drop();
    if (!body.hasAttribute("data-may-log") && !lock) return show();
    await forgetOrphans();
    const me = await who();
    offline = me === null;
    try { await enter(me); } catch { offline = true; }
    if (lock && me?.owner) {
      // Busy: another tab, or the page just left, which lets go late; in its turn then.
      if ((await mine()).some((row) => row.state === "waiting") && (await send()) === "busy") send({ wait: true });
      navigator.serviceWorker?.ready.then((worker) => worker.active?.postMessage("pages"));
    }
    await show();
  }
  // Whose phone this is, is known; or the store does not open, and nobody waits for it for ever.
  const ready = usable ? Promise.race([unlock().catch(() => null), new Promise((go) => setTimeout(go, 2000))]) : Promise.resolve();
  const started = ready.then(start).catch(() => null);
  if (usable) {
    channel?.addEventListener("message", () => document.dispatchEvent(new CustomEvent("queue:changed")));
    document.addEventListener("queue:changed", () => show());
    addEventListener("online", async () => { offline = false; if (await send() !== "busy") show(); });
    addEventListener("offline", () => { offline = true; show(); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });
  }
  if ("serviceWorker" in navigator && body.hasAttribute("data-may-log")) navigator.serviceWorker.register("/sw.js").catch(() => null);

  // Signing out drops the key first. What waits stays, locked, and that is said.
  document.querySelectorAll("[data-sign-out]").forEach((form) => {
    let told = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await ready; // whose phone this is may not be known yet
      const waiting = usable ? (await mine()).length : 0;
      if (waiting && !told) {
        told = true;
        const words = document.createElement("p");
        words.setAttribute("role", "status");
        words.textContent = `${many(waiting, "saisie attend", "saisies attendent")} encore le réseau. Verrouillées, elles restent sur ce téléphone jusqu’à votre prochaine connexion.`;
        form.prepend(words);
        form.querySelector("button").lastChild.textContent = "Se déconnecter quand même";
        return;
      }
      try { await drop(); } finally { form.submit(); }
    });
  });

  return { usable, ready, started, put, send, list, remove, mark, photos, putPhoto, removePhoto, putDraft, drafts, dropDraft, moment, clock, many, base, holds: () => Boolean(lock) };
})();
