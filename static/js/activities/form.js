// The activity form: chips and free fields agree, durations echo, counts step; habits fill it in; what
// is typed waits on the phone until the server has it. It never empties a form that is not saved: what
// the phone refuses to keep goes to the server as it is, or stays under the person's eyes.

import { pairChips, sayBack, minutesOf, said } from "../lib/durations.js";
import { button, made } from "../lib/nodes.js";
import { calendar, dayOf, daysAfter, isKept } from "../lib/days.js";
import { keepUid, newUid, note, noted } from "../lib/uid.js";
import { isoDay, longDay, moment } from "../lib/words.js";
import { quietly } from "../offline/database.js";
import { started } from "../offline/queue.js";
import { handBack } from "../offline/rescue.js";
import { announce, answerOf, base, send, serverDay, who } from "../offline/sending.js";
import * as store from "../offline/store.js";
import { showWhatConcerns } from "./concerned.js";
import { showFaults } from "./faults.js";
import { watchPersons } from "./persons.js";
import { drawPictures, putBackPictures, takePictures } from "./pictures.js";

const form = document.querySelector("[data-activity-form]");
const isNew = form.dataset.isNew === "yes";

pairChips(form);
const typed = form.querySelector("#id_minutes_other");
sayBack(typed, form.querySelector("[data-echo]"));

// The usual duration of a type, until somebody chose one.
let chosen = !isNew;
form.querySelectorAll("[name=minutes], [name=minutes_other]").forEach((input) => input.addEventListener("change", (event) => { if (event.isTrusted) chosen = true; }));
typed.addEventListener("input", (event) => { if (event.isTrusted) chosen = true; });
form.querySelectorAll("[data-minutes]").forEach((tile) => tile.addEventListener("change", () => {
  if (chosen) return;
  const usual = Number(tile.dataset.minutes);
  const chip = form.querySelector(`input[name=minutes][value="${usual}"]`);
  form.querySelectorAll("input[name=minutes]").forEach((other) => { other.checked = other === chip; });
  typed.value = chip ? "" : said(usual);
  typed.dispatchEvent(new Event("input"));
}));

// The folded date says what is chosen.
const dayLabel = form.querySelector("[data-day-label]");
function sayDay() {
  const chip = form.querySelector("input[name=day]:checked + span");
  const other = form.querySelector("[name=day_other]");
  dayLabel.textContent = chip ? chip.textContent : other.value ? longDay(dayOf(other.value)) : "à préciser";
}
form.querySelectorAll("[name=day], [name=day_other]").forEach((input) => input.addEventListener("change", sayDay));

// A form kept on the phone since another day: its chips say which days are meant now. The server's day
// stands before the phone's, whose clock may be wrong.
const days = calendar(isKept ? isoDay(new Date()) : form.dataset.day);
let today = form.dataset.day;
function turnDay() {
  const now = days.today();
  if (!isNew || now === today) return;
  today = now;
  form.querySelectorAll("input[type=radio][name=day]").forEach((chip, n) => {
    chip.value = daysAfter(now, -n);
    chip.nextElementSibling.textContent = `${n ? "Hier" : "Aujourd’hui"}, ${longDay(dayOf(chip.value))}`;
  });
  sayDay();
}
turnDay();
started.then(() => { if (serverDay()) { days.correct(serverDay()); turnDay(); } });
// The application left open overnight: what was « today » is yesterday, unless somebody chose it.
addEventListener("pageshow", turnDay);
document.addEventListener("visibilitychange", turnDay);

// Two themes at most: the others wait until one is let go.
const themes = [...form.querySelectorAll("[name=themes]")];
function limitThemes() {
  const full = themes.filter((theme) => theme.checked).length >= 2;
  themes.forEach((theme) => { theme.disabled = full && !theme.checked; });
}
themes.forEach((theme) => theme.addEventListener("change", limitThemes));
// Those that go with the type come first, with those that are ticked; the others are folded.
const firstThemes = form.querySelector("[data-themes]"), otherThemes = form.querySelector("[data-other-themes]");
const ranks = JSON.parse(firstThemes.dataset.themes), seenAtOnce = firstThemes.children.length;
function orderThemes() {
  const rank = ranks[form.querySelector("[name=type]:checked")?.value ?? ""] ?? ranks[""];
  const place = (theme) => (theme.checked ? -1 : rank.indexOf(Number(theme.value)));
  const chips = [...themes].sort((one, other) => place(one) - place(other)).map((theme) => theme.closest("label"));
  firstThemes.append(...chips.slice(0, seenAtOnce));
  otherThemes.append(...chips.slice(seenAtOnce));
}
form.querySelectorAll("[name=type]").forEach((tile) => tile.addEventListener("change", orderThemes));
form.addEventListener("filled", orderThemes);
limitThemes();

// Counts: buttons on each side for a thumb, and one empty row at a time.
const rows = form.querySelector("[data-counts]");
function equip(row) {
  const input = row.querySelector("input[type=number]"), wrap = made("div", { className: "stepper" });
  input.replaceWith(wrap);
  const step = (text, label, by) => made("button", { type: "button", "aria-label": label, onclick: () => { input.value = Math.max(0, Math.min(2000, Number(input.value || 0) + by)); } }, text);
  wrap.append(step("−", "Une personne de moins", -1), input, step("+", "Une personne de plus", 1));
}
const all = [...rows.querySelectorAll(".count-row")];
all.forEach(equip);
const isEmpty = (row) => !row.querySelector("select").value && !row.querySelector("input").value && !row.querySelector(".errorlist");
const empties = all.filter(isEmpty);
empties.slice(1).forEach((row) => { row.hidden = true; });
const add = button("Ajouter un public", () => {
  const next = rows.querySelector(".count-row[hidden]");
  if (next) { next.hidden = false; next.querySelector("select").focus(); }
  if (!rows.querySelector(".count-row[hidden]")) add.hidden = true;
});
if (empties.length > 1) rows.after(add);

showWhatConcerns(form);

// --- Filling the form from a habit, a draft, or an entry to correct --------------------------------
function showRow(row) { row.hidden = false; }
function setField(name, value) {
  const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const choice = inputs.find((input) => ["radio", "checkbox"].includes(input.type) && input.value === value);
  if (choice) { choice.checked = true; return true; }
  const plain = inputs.find((input) => !["radio", "checkbox", "file"].includes(input.type));
  if (plain) { plain.value = value; return true; }
  const other = form.querySelector(`[name="${CSS.escape(name)}_other"]`);
  if (other) { other.value = value; return true; }
  return false;
}
function clearForm() {
  form.querySelectorAll("input[type=radio], input[type=checkbox]").forEach((input) => { input.checked = false; });
  form.querySelectorAll("input:not([type=radio], [type=checkbox], [type=hidden], [type=file]), select, textarea").forEach((input) => { input.value = ""; });
}
// Says again what depends on the values: chips, echo, rows of counts, folds.
function refresh({ unfold = false } = {}) {
  sayDay();
  form.dispatchEvent(new Event("filled"));
  limitThemes();
  typed.dispatchEvent(new Event("input"));
  all.forEach((row) => { if (!isEmpty(row)) showRow(row); });
  const details = form.querySelector("[name=internal_note]").closest("details");
  const says = (input) => (["radio", "checkbox"].includes(input.type) ? input.checked : input.value && !input.name.endsWith("-band"));
  if (unfold && [...details.querySelectorAll("textarea, input:not([type=hidden], [type=file]), select")].some(says)) details.open = true;
}
function fillIn(fields) {
  clearForm();
  fields.forEach(([name, value]) => { if (value !== "") setField(name, value); });
  refresh({ unfold: true });
}
// type, lieu, duree, theme, public, situation, action: the address says the habit, so it works offline too.
function prefill(params) {
  if (params.get("type")) setField("type", params.get("type"));
  if (params.get("lieu")) { form.querySelectorAll("[name=place]").forEach((chip) => { chip.checked = false; }); setField("place", params.get("lieu")); }
  if (params.get("duree")) {
    form.querySelectorAll("[name=minutes]").forEach((chip) => { chip.checked = chip.value === params.get("duree"); });
    typed.value = form.querySelector("[name=minutes]:checked") ? "" : said(Number(params.get("duree")));
    chosen = true;
  }
  form.querySelectorAll("[name=themes]").forEach((box) => { box.checked = params.getAll("theme").includes(box.value); });
  params.getAll("public").forEach((audience, n) => {
    if (!all[n]) return;
    all[n].querySelector("select").value = audience;
    all[n].querySelector("input[type=number]").value = 0;
  });
  if (params.get("situation")) setField("situation", params.get("situation"));
  if (params.get("action") && form.querySelector("[name=planned_action]")) setField("planned_action", params.get("action"));
  refresh({ unfold: params.has("situation") || params.has("action") });
}
const asked = new URLSearchParams(location.search);
const drawnFor = new URLSearchParams(form.dataset.query);
if (isNew && String(asked) !== String(drawnFor)) {
  if (asked.get("jour")) { form.querySelectorAll("[name=day]").forEach((chip) => { chip.checked = false; }); setField("day", asked.get("jour")); }
  prefill(asked);
}

// Where the server has asked about a text already, its own question stands.
if (!form.querySelector("[data-asked]")) {
  const patterns = JSON.parse(document.getElementById("personal-patterns").textContent);
  watchPersons(["internal_note", "summary"].map((name) => form.querySelector(`[name=${name}]`)), form.querySelector("[data-nudge]"), patterns);
}

// --- Drafts -----------------------------------------------------------------------------------------
const page = form.dataset.page;
const LEFT_OUT = ["csrfmiddlewaretoken", "_owner", "photos", "keep_personal"];
const fieldsOf = () => [...new FormData(form)].filter(([name, value]) => !LEFT_OUT.includes(name) && typeof value === "string");
function parts() {
  const text = (selector) => form.querySelector(selector)?.textContent.replace(/\u00ad/g, "").trim() ?? "";
  const chosenPlace = text("[name=place]:checked + span") || form.querySelector("[name=place_other]").selectedOptions[0]?.textContent.trim() || "";
  const minutes = form.querySelector("[name=minutes]:checked")?.value ?? minutesOf(typed.value);
  return [text("[name=type]:checked + span"), minutes ? said(Number(minutes)) : "", chosenPlace, dayLabel.textContent];
}
// What the list of what waits shows of it.
const words = () => parts().filter(Boolean).join(", ");
// Above the button, what it saves: by the modèle's name as long as its type is what it was.
const says = form.querySelector("[data-says]"), openedAs = form.querySelector("[name=type]:checked")?.value;
function sayWhatIsSaved() {
  const [type, minutes, place, day] = parts();
  const habit = [...document.querySelectorAll("[data-strip] a")].find((link) => location.search && new URL(link.href).search === location.search);
  const name = habit && form.querySelector("[name=type]:checked")?.value === openedAs ? habit.querySelector("b").textContent : type;
  const isToday = form.querySelector("[name=day]:checked")?.value === today;
  says.textContent = type ? [name, place, minutes, isToday ? "" : day].filter(Boolean).join(" · ") : "";
  says.hidden = !type;
}
form.addEventListener("input", sayWhatIsSaved);
for (const name of ["change", "filled"]) form.addEventListener(name, sayWhatIsSaved);
sayWhatIsSaved();

let waiting = null, sending = false, touched = false;
const uid = () => form.querySelector("[name=uid]").value;
async function keepDraft() {
  if (sending || !store.holds()) return;
  // A draft is a comfort: what the phone refuses is said when the form is saved.
  await quietly(store.putDraft(page, { uid: uid(), fields: fieldsOf(), said: words() }));
}
form.addEventListener("input", () => { touched = true; clearTimeout(waiting); waiting = setTimeout(keepDraft, 400); });
form.addEventListener("change", () => { touched = true; clearTimeout(waiting); waiting = setTimeout(keepDraft, 100); });
addEventListener("pagehide", () => { if (touched && !sending) keepDraft(); });
form.querySelector("#id_photos").addEventListener("change", async () => {
  if (!store.holds()) return; // the form itself carries them
  await keepDraft(); // what the pictures belong to comes first
  await takePictures(form);
});

// The one asked for, filled in at once; otherwise the newest is offered.
async function offerDraft(wanted) {
  const all = (await store.drafts()).filter((draft) => draft.page === page);
  const held = wanted ? all.find((draft) => draft.uid === wanted) : all[0];
  const where = document.querySelector("[data-draft]");
  if (!held || form.dataset.resumed === "yes") return;
  const takeUp = async () => { fillIn(held.fields); form.querySelector("[name=uid]").value = held.uid; await drawPictures(form); touched = true; };
  if (wanted) { await takeUp(); return; }
  const choice = (label, act) => button(label, async () => { await act(); where.hidden = true; form.querySelector("input:not([type=hidden])").focus(); });
  where.replaceChildren(made("div", { className: "notice" }, made("div", {},
    made("p", {}, `Un brouillon du ${moment(held.at)} est resté ici : ${held.said || "sans titre"}.`),
    made("div", { className: "buttons" }, choice("Reprendre le brouillon", takeUp), choice("L’effacer", () => store.dropDraft(held.uid, { withPhotos: true }))))));
  where.hidden = false;
}

// --- Sending: on the phone first, then to the server ------------------------------------------------
const save = form.querySelector(".save .button--main"), saveLabel = save.textContent;
function rest() {
  sending = false;
  save.removeAttribute("aria-disabled");
  save.textContent = saveLabel;
}
addEventListener("pageshow", (event) => { if (event.persisted) { rest(); sayEdit(); } }); // by « Retour »
// What the phone does not keep goes as a plain form; without network it stays here, and that is said.
async function goUnkept(refusal) {
  if (await who()) {
    await putBackPictures(form);
    form.submit();
    return;
  }
  rest();
  handBack(document.querySelector("[data-faults]"), form, refusal);
}
// Where the person goes once the phone has it: `left` is the entry if it still waits there.
async function goOn(entry, left, how) {
  if (!left) {
    const answer = answerOf(entry.uid);
    if (isNew && answer?.version) note({ version: String(answer.version) });
    const day = entry.fields.find(([name, value]) => name === "day_other" && value)?.[1] ?? entry.fields.find(([name]) => name === "day")?.[1];
    location.assign(isNew ? (day && day !== today ? `${form.dataset.home}?jour=${day}` : form.dataset.home) : form.dataset.done);
  } else if (left.state === "refused") {
    rest();
    // It is under the person's eyes: it waits as what is being written, not as what is to be sent.
    await keepDraft();
    await store.remove(entry.uid, { withPhotos: false });
    showFaults(form, left.answer.faults);
  } else if (left.state === "conflict" || left.state === "photos") location.assign(`${base()}#${entry.uid}`);
  else if (how === "signed-out") location.assign(`${form.dataset.signIn}?next=${encodeURIComponent(base())}`);
  else location.assign(form.dataset.home);
}
form.addEventListener("submit", async (event) => {
  if (!store.usable || event.submitter?.name === "remplacer") return; // a plain form then
  event.preventDefault();
  if (sending) return;
  sending = true;
  clearTimeout(waiting);
  save.setAttribute("aria-disabled", "true");
  save.textContent = "Envoi…";
  await store.ready; // pressed at once, whose phone this is may not be known yet
  if (!store.holds()) { await goUnkept(null); return; }
  const entry = { uid: uid(), version: form.querySelector("[name=version]").value, fields: fieldsOf(), said: words() };
  announce(entry.uid);
  try { await store.add(entry); } catch (refusal) { await goUnkept(refusal); return; }
  try {
    await store.dropDraft(entry.uid);
    const how = await send({ uid: entry.uid });
    await goOn(entry, (await store.list()).find((other) => other.uid === entry.uid), how);
  } catch {
    location.assign(base()); // it is on the phone: what became of it is told there
  }
});

// --- Start ------------------------------------------------------------------------------------------
// Each opening is an entry of its own, whether the page came from the server or from the phone.
if (isNew && form.dataset.fresh === "yes") keepUid(form.querySelector("[name=uid]"), newUid);
// Brought back by « Retour » once it was saved: what is changed in it is an edit, and that is said.
function sayEdit() {
  if (!isNew || !noted()?.version) return;
  form.querySelector("[name=version]").value = noted().version;
  document.querySelector("[data-faults]").replaceChildren(made("div", { className: "notice notice--warning", role: "status" }, made("p", {},
    "Cette activité est déjà enregistrée : ce que vous changez ici la modifie. ",
    made("a", { href: location.pathname }, "Saisir une autre activité"))));
}
sayEdit();
async function resume() {
  await started;
  if (!store.holds()) return;
  const correcting = asked.get("corriger");
  const entry = correcting && (await store.list()).find((other) => other.uid === correcting);
  if (entry) {
    fillIn(entry.fields);
    form.querySelector("[name=uid]").value = entry.uid;
    form.querySelector("[name=version]").value = entry.version ?? "";
    if (entry.answer?.faults) showFaults(form, entry.answer.faults);
  } else await offerDraft(asked.get("brouillon"));
  await drawPictures(form);
}
quietly(resume()); // without its store the form is a form all the same
