// The phone's own tables (IndexedDB). They are opened once, and again whenever the browser has closed
// them. A write is done when its promise is. This is the one place that knows how a phone refuses:
// what it does not take throws `StoreRefused`, and nothing of that transaction is written.

const NAME = "humanicite", TABLES = ["keys", "entries", "photos", "drafts"];

export class StoreRefused extends Error {
  constructor(cause) {
    super(`The phone's store refused: ${cause.name}`, { cause });
    this.name = "StoreRefused";
    this.isFull = cause.name === "QuotaExceededError";
  }
}

let opened = null; // the promise of the connection

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("keys", { keyPath: "id" });
      db.createObjectStore("entries", { keyPath: "uid" });
      db.createObjectStore("photos", { keyPath: "uid" }).createIndex("entry", "entry");
      db.createObjectStore("drafts", { keyPath: "id" });
    };
    request.onsuccess = () => {
      const db = request.result;
      // A newer version in another tab takes over, or the browser closes it: who asks next opens anew.
      db.onversionchange = () => { db.close(); opened = null; };
      db.onclose = () => { opened = null; };
      resolve(db);
    };
    request.onerror = () => reject(request.error);
  });
}

async function begin(mode) {
  for (let isFirst = true; ; isFirst = false) {
    opened ??= open();
    const connection = opened;
    try {
      return (await connection).transaction(TABLES, mode, { durability: "strict" });
    } catch (error) {
      if (opened === connection) opened = null;
      // Some browsers close it without a word; that is noticed here.
      if (!isFirst || error.name !== "InvalidStateError") throw error;
    }
  }
}

// One transaction over all tables. `act` gets them, awaits nothing but their requests (`got`), and
// gives the result. Throws `StoreRefused`.
export async function transact(mode, act) {
  let transaction = null;
  try {
    transaction = await begin(mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new DOMException("closed meanwhile", "AbortError"));
    });
    done.catch(() => null); // told once, below
    const tables = Object.fromEntries(TABLES.map((name) => [name, transaction.objectStore(name)]));
    const [result] = await Promise.all([act(tables), done]);
    return result;
  } catch (error) {
    const cause = transaction?.error ?? error;
    if (cause instanceof DOMException) throw new StoreRefused(cause);
    transaction?.abort(); // a fault of ours: nothing half written
    throw cause;
  }
}

// What a request came to.
export const got = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// For comforts, such as a draft or a count: a store that refuses is said where somebody saves or reads.
export const quietly = (work) => work.catch((error) => { if (!(error instanceof StoreRefused)) throw error; });
