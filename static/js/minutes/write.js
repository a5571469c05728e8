// Minutes written by several at once: each point saves itself, says who else is there, and shows
// both texts where two wrote the same. Without this, « Enregistrer » does the same by hand.

import { newUid } from "../lib/uid.js";

const PAUSE = 1200; // milliseconds without a key, then a point saves itself
const EVERY = 4000; // milliseconds between two looks at what the others do

const page = document.querySelector("[data-minutes]");
const points = () => [...page.querySelectorAll("[data-point]")];
const formOf = (point) => point.querySelector("[data-point-form]");
const states = new Map(); // of a point's key: { timer, isDirty, isSaving, isStopped }
const stateOf = (point) => {
  const key = point.dataset.point;
  if (!states.has(key)) states.set(key, { timer: 0, isDirty: false, isSaving: false, isStopped: false });
  return states.get(key);
};
const say = (point, text) => { point.querySelector("[data-saved]").textContent = text; };
const post = (url, body) =>
  fetch(url, { method: "POST", body, headers: { "X-Saves-Itself": "1" }, credentials: "same-origin", redirect: "manual" });

// A point as the server draws it, in the place of the one that is there.
function replaced(point, html) {
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("[data-point]");
  if (!found) return;
  point.replaceWith(document.importNode(found, true));
}

async function save(point) {
  const state = stateOf(point);
  clearTimeout(state.timer);
  if (!state.isDirty || state.isSaving || state.isStopped) return;
  state.isSaving = true;
  state.isDirty = false;
  say(point, "Enregistrement…");
  try {
    const answer = await post(formOf(point).action, new FormData(formOf(point)));
    if (answer.ok) await saved(point, await answer.json());
    else if (answer.status === 409) conflicting(point, await answer.text());
    else { state.isDirty = true; say(point, "Pas enregistré : pressez « Enregistrer »."); }
  } catch {
    state.isDirty = true;
    say(point, "Pas de réseau : votre texte reste ici.");
    state.timer = setTimeout(() => save(point), 5 * PAUSE);
  }
  state.isSaving = false;
  if (state.isDirty && !state.isStopped) plan(point);
}

async function saved(point, said) {
  formOf(point).elements.version.value = said.version;
  const chosen = formOf(point).querySelector(`[name=outcome][value="${said.outcome}"]`);
  if (chosen && !formOf(point).querySelector("[name=outcome]:checked")) chosen.checked = true;
  const names = point.querySelector("[data-names]");
  names.hidden = !said.names;
  names.querySelector("[data-names-said]").textContent = said.names;
  say(point, `Enregistré à ${said.at}`);
}

// The server answers the point with what the other one saved above, and what was typed here below.
function conflicting(point, html) {
  const key = point.dataset.point;
  const now = [...formOf(point).elements].filter((one) => one.name && one.type !== "hidden");
  const typed = new Map(now.filter((one) => one.type !== "radio").map((one) => [one.name, one.value]));
  replaced(point, html);
  const fresh = page.querySelector(`[data-point="${key}"]`);
  typed.forEach((value, name) => { if (formOf(fresh).elements[name]) formOf(fresh).elements[name].value = value; });
  stateOf(fresh).isStopped = true; // until somebody chose
  fresh.querySelector("[data-focus]")?.focus();
}

function plan(point) {
  const state = stateOf(point);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(point), PAUSE);
}

// Another empty line once the last one is filled.
function grow(lines) {
  const all = [...lines.querySelectorAll("[data-line]")];
  const last = all.at(-1);
  if (!last || ![...last.querySelectorAll("textarea, input, select")].some((one) => one.value)) return;
  const copy = last.cloneNode(true);
  const [, old] = last.querySelector("[name]").name.match(/^[a-z]+-(.+)$/);
  const uid = newUid();
  copy.querySelectorAll("[id], [for], [name]").forEach((node) => ["id", "for", "name"].forEach((name) => {
    if (node.hasAttribute(name)) node.setAttribute(name, node.getAttribute(name).replace(old, uid));
  }));
  copy.querySelectorAll(".errorlist, .small").forEach((node) => node.remove());
  copy.querySelectorAll("textarea, input, select").forEach((one) => { one.value = ""; one.removeAttribute("aria-invalid"); });
  lines.append(copy);
}

page.addEventListener("input", (event) => {
  const point = event.target.closest("[data-point]");
  if (!point) return;
  const lines = event.target.closest("[data-lines]");
  if (lines) grow(lines);
  stateOf(point).isDirty = true;
  say(point, "");
  plan(point);
});
page.addEventListener("focusout", (event) => {
  const point = event.target.closest("[data-point]");
  if (point && !point.contains(event.relatedTarget)) save(point);
});
page.addEventListener("submit", (event) => {
  const point = event.target.closest("[data-point]");
  if (point) { clearTimeout(stateOf(point).timer); stateOf(point).isDirty = false; }
});
addEventListener("beforeunload", (event) => {
  if ([...states.values()].some((state) => state.isDirty)) event.preventDefault();
});

// --- The others -----------------------------------------------------------------------------------
const here = () => document.activeElement?.closest?.("[data-point]")?.dataset.point ?? "";
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

async function tell() {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  body.set("point", here());
  await post(page.dataset.here, body);
}

async function look() {
  const answer = await fetch(page.dataset.underWay, { credentials: "same-origin" });
  if (!answer.ok) return;
  const { others, versions } = await answer.json();
  const writers = document.querySelector("[data-writers]");
  writers.hidden = !others.length;
  writers.querySelector("[data-writers-said]").textContent =
    `Écrit aussi en ce moment : ${others.map((one) => one.who).join(", ")}`;
  for (const point of points()) {
    const theirs = others.filter((one) => String(one.item) === point.dataset.point);
    const tag = point.querySelector("[data-others]");
    tag.hidden = !theirs.length;
    tag.textContent = theirs.length ? `${theirs.map((one) => one.who).join(", ")} écrit ici` : "";
    await refresh(point, versions[point.dataset.point]);
  }
}

// What somebody else saved shows where nothing is being typed.
async function refresh(point, version) {
  const state = stateOf(point);
  const isMine = state.isDirty || state.isSaving || state.isStopped || point.contains(document.activeElement);
  if (isMine || !version || String(version) === formOf(point).elements.version.value) return;
  const answer = await fetch(formOf(point).action, { headers: { "X-Saves-Itself": "1" }, credentials: "same-origin" });
  if (answer.ok) replaced(point, await answer.text());
}

async function round() {
  if (!document.hidden) {
    try { await tell(); await look(); } catch { /* no network: the next round tries again */ }
  }
  setTimeout(round, EVERY);
}
if (page) round();
