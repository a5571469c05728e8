// A new UUID (version 4) for a row that the server does not know yet: sent twice, it is one row.
export function newUid() {
  if (window.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // over plain http
  bytes[6] = (bytes[6] & 15) | 64; bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// What is noted of this page in the history of the tab: « Retour » finds it again.
export const noted = () => history.state?.form ?? null;
export const note = (form) => history.replaceState({ ...history.state, form: { ...noted(), ...form } }, "");

// A form that « Retour » brings back is the same form, even where the page is read anew: it keeps its
// uid, so that what it saves is one row. `make`: the uid of a form opened for the first time.
export function keepUid(input, make = () => input.value) {
  const page = location.pathname;
  if (noted()?.page === page) input.value = noted().uid;
  else { input.value = make(); note({ page, uid: input.value, version: "" }); }
}
