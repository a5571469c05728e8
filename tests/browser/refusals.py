"""How a phone refuses to keep what it is given, played in the page; `window.lift()` ends it.

Chromium enforces no quota on IndexedDB in a profile that lies in memory, as those of the tests do.
"""

# The write begins, and the whole transaction is aborted for want of room.
FULL = """(() => {
    const { put } = IDBObjectStore.prototype;
    const error = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'error');
    IDBObjectStore.prototype.put = function (...given) {
        const request = put.apply(this, given);
        this.transaction.abort();
        return request;
    };
    Object.defineProperty(IDBTransaction.prototype, 'error',
        { configurable: true, get: () => new DOMException('full', 'QuotaExceededError') });
    window.lift = () => {
        IDBObjectStore.prototype.put = put;
        Object.defineProperty(IDBTransaction.prototype, 'error', error);
    };
})();"""

# What is open is being closed, and nothing opens again.
CLOSED = """(() => {
    const { open } = IDBFactory.prototype, { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = () => { throw new DOMException('closing', 'InvalidStateError'); };
    IDBFactory.prototype.open = () => { throw new DOMException('no', 'UnknownError'); };
    window.lift = () => {
        IDBFactory.prototype.open = open;
        IDBDatabase.prototype.transaction = transaction;
    };
})();"""
