// The activity form: chips and free fields agree, durations echo, counts step; habits fill it in;
// what is typed waits on the phone until the server has it.
"use strict";

const form = document.querySelector("[data-activity-form]");
const isNew = form.dataset.isNew === "yes";

// `pairChips`, `sayBack`, `minutesOf` and `said` come from durations.js.
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
  dayLabel.textContent = chip ? chip.textContent : other.value ? new Date(`${other.value}T12:00`).toLocaleDateString("fr-FR", { weekday: "long", day: "numeric", month: "long" }) : "à préciser";
}
form.querySelectorAll("[name=day], [name=day_other]").forEach((input) => input.addEventListener("change", sayDay));

// A form kept on the phone since another day: its chips say which days are meant now.
const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
let today = form.dataset.day;
function turnDay() {
  const now = iso(new Date());
  if (!isNew || now === today) return;
  today = now;
  const days = [new Date(), new Date(Date.now() - 24 * 3600 * 1000)];
  form.querySelectorAll("input[type=radio][name=day]").forEach((chip, n) => {
    chip.value = iso(days[n]);
    chip.nextElementSibling.textContent = `${n ? "Hier" : "Aujourd’hui"}, ${days[n].toLocaleDateString("fr-FR", { weekday: "long", day: "numeric", month: "long" })}`;
  });
  sayDay();
}
turnDay();
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
limitThemes();

// Counts: buttons on each side for a thumb, and one empty row at a time.
const rows = form.querySelector("[data-counts]");
function equip(row) {
  const input = row.querySelector("input[type=number]");
  const wrap = document.createElement("div");
  wrap.className = "stepper";
  input.replaceWith(wrap);
  const button = (text, label, by) => {
    const made = document.createElement("button");
    made.type = "button"; made.textContent = text; made.setAttribute("aria-label", label);
    made.addEventListener("click", () => { input.value = Math.max(0, Math.min(2000, Number(input.value || 0) + by)); });
    return made;
  };
  wrap.append(button("−", "Une personne de moins", -1), input, button("+", "Une personne de plus", 1));
}
const all = [...rows.querySelectorAll(".count-row")];
all.forEach(equip);
const isEmpty = (row) => !row.querySelector("select").value && !row.querySelector("input").value && !row.querySelector(".errorlist");
const empties = all.filter(isEmpty);
empties.slice(1).forEach((row) => { row.hidden = true; });
const add = document.createElement("button");
add.type = "button"; add.className = "button button--small"; add.textContent = "Ajouter un public";
add.addEventListener("click", () => {
  const waiting = rows.querySelector(".count-row[hidden]");
  if (waiting) { waiting.hidden = false; waiting.querySelector("select").focus(); }
  if (!rows.querySelector(".count-row[hidden]")) add.hidden = true;
});
if (empties.length > 1) rows.after(add);

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
// type, lieu, duree, theme, public, situation: the address says the habit, so it works offline too.
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
  refresh({ unfold: params.has("situation") });
}
const asked = new URLSearchParams(location.search);
const drawnFor = new URLSearchParams(form.dataset.query);
if (isNew && String(asked) !== String(drawnFor)) {
  if (asked.get("jour")) { form.querySelectorAll("[name=day]").forEach((chip) => { chip.checked = false; }); setField("day", asked.get("jour")); }
  prefill(asked);
}

// --- Words that seem to identify somebody ----------------------------------------------------------
const patterns = JSON.parse(document.getElementById("personal-patterns").textContent).map((row) => ({ ...row, pattern: new RegExp(row.pattern, "g") }));
// With a capital where a sentence begins, as the server does.
const atStart = (words, before) => (/(^|[.!?\n])[ \u00a0]*$/.test(before) ? words[0].toUpperCase() + words.slice(1) : words);
const texts = ["internal_note", "summary"].map((name) => form.querySelector(`[name=${name}]`));
const nudge = form.querySelector("[data-nudge]");
let kept = "";
function lookForPersons() {
  const found = texts.flatMap((text) => patterns.flatMap((row) => [...text.value.matchAll(row.pattern)].map((match) => match[0])));
  if (!found.length || kept === found.join()) { nudge.replaceChildren(); return; }
  if (nudge.dataset.found === found.join() && nudge.childElementCount) return;
  nudge.dataset.found = found.join();
  const box = document.createElement("div"), words = document.createElement("p"), buttons = document.createElement("div");
  box.className = "notice notice--warning";
  words.textContent = `Ce texte semble identifier quelqu’un : ${found.join(", ")}.`;
  buttons.className = "buttons";
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button"; made.className = "button button--small"; made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };
  buttons.append(
    button("Remplacer par « un habitant »", () => {
      texts.forEach((text) => { patterns.forEach((row) => { text.value = text.value.replace(row.pattern, (match, at, whole) => atStart(row.instead, whole.slice(0, at))); }); });
      lookForPersons();
      texts[0].dispatchEvent(new Event("input", { bubbles: true }));
      texts[0].focus();
    }),
    button("Garder", () => { kept = found.join(); lookForPersons(); texts[0].focus(); }),
  );
  const inner = document.createElement("div");
  inner.append(words, buttons);
  box.append(inner);
  nudge.replaceChildren(box);
}
if (!form.querySelector("[data-asked]")) texts.forEach((text) => text.addEventListener("change", lookForPersons));

// --- Pictures ---------------------------------------------------------------------------------------
const MOST_PHOTOS = 3, LONG_SIDE = 1600, HEAVIEST = 10 * 1024 * 1024;
const picker = form.querySelector("#id_photos"), picks = form.querySelector("[data-picks]");
const uid = () => form.querySelector("[name=uid]").value;
async function shrink(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale); canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.85));
}
async function drawPicks() {
  const held = await Queue.photos(uid());
  picks.replaceChildren(...held.map((photo, n) => {
    const item = document.createElement("li"), image = document.createElement("img"), button = document.createElement("button");
    image.src = URL.createObjectURL(photo.blob);
    image.alt = `Photo ${n + 1} sur ${held.length}, à envoyer`;
    button.type = "button"; button.className = "button button--icon"; button.textContent = "×";
    button.setAttribute("aria-label", `Retirer la photo ${n + 1}`);
    button.addEventListener("click", async () => { await Queue.removePhoto(photo.uid); drawPicks(); picker.focus(); });
    item.append(image, button);
    return item;
  }));
  return held.length;
}
picker.addEventListener("change", async () => {
  if (!Queue.holds()) return; // the form itself carries them
  const faults = [];
  await keepDraft(); // what the pictures belong to comes first
  for (const file of [...picker.files]) {
    if ((await Queue.photos(uid())).length >= MOST_PHOTOS) { faults.push("Trois photos au plus."); break; }
    if (file.size > HEAVIEST) { faults.push(`${file.name} dépasse 10 Mo.`); continue; }
    let blob;
    try { blob = await shrink(file); } catch { faults.push(`${file.name} n’est pas une image lisible : prenez une photo JPEG, PNG ou WebP.`); continue; }
    try { await Queue.putPhoto(uid(), blob); } catch { faults.push("Plus de place sur ce téléphone : la photo n’est pas gardée. Libérez de la place, puis choisissez-la de nouveau."); break; }
  }
  picker.value = "";
  await drawPicks();
  fieldFault("photos", faults.join(" "));
});
// For the plain form, when the phone keeps nothing: the pictures go back into their control.
async function putBack() {
  const held = await Queue.photos(uid()).catch(() => []);
  if (!held.length) return;
  const files = new DataTransfer();
  held.forEach((photo, n) => files.items.add(new File([photo.blob], `photo-${n + 1}.jpg`, { type: "image/jpeg" })));
  picker.files = files.files;
}

// --- Faults, as the server shows them ---------------------------------------------------------------
function holderOf(name) {
  const control = form.querySelector(`[name="${CSS.escape(name)}"], [name="${CSS.escape(name)}_other"]`);
  return control?.closest("fieldset.field, .field") ?? null;
}
function fieldFault(name, message) {
  const holder = holderOf(name);
  if (!holder) return;
  holder.querySelector(":scope > .errorlist")?.remove();
  holder.toggleAttribute("data-invalid", Boolean(message));
  const controls = [...holder.querySelectorAll("input, select, textarea")];
  controls.forEach((control) => { if (message && !["radio", "checkbox"].includes(control.type)) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid"); });
  if (!message) return;
  const list = document.createElement("ul"), item = document.createElement("li");
  list.className = "errorlist"; list.id = `${name}-fault`; item.textContent = message; list.append(item);
  controls[0]?.setAttribute("aria-describedby", list.id);
  const first = holder.querySelector(":scope > .chips, :scope > .tiles, :scope > .checks, :scope > input, :scope > select, :scope > textarea, :scope > .other, :scope > .stepper");
  holder.insertBefore(list, first);
  holder.closest("details")?.setAttribute("open", "");
}
function showFaults(faults) {
  document.querySelectorAll(".errorlist").forEach((list) => list.remove());
  form.querySelectorAll("[data-invalid]").forEach((holder) => fieldFault(holder.querySelector("[name]")?.name ?? "", ""));
  const where = document.querySelector("[data-faults]");
  document.querySelectorAll(".notice--error[data-focus]").forEach((old) => old.remove());
  const summary = document.createElement("div"), title = document.createElement("p"), strong = document.createElement("strong"), list = document.createElement("ul");
  summary.className = "notice notice--error"; summary.setAttribute("role", "alert"); summary.tabIndex = -1;
  strong.textContent = `${Queue.many(faults.length, "point à corriger", "points à corriger")}. Ce que vous avez saisi est conservé.`;
  title.append(strong);
  faults.forEach((fault) => {
    const item = document.createElement("li"), holder = fault.field && holderOf(fault.field);
    if (holder) {
      fieldFault(fault.field, fault.message);
      const target = holder.querySelector("input:not([type=hidden]), select, textarea");
      const link = document.createElement("a");
      link.href = `#${target.id}`; link.textContent = fault.message;
      item.append(link);
    } else item.textContent = fault.message;
    list.append(item);
  });
  const inner = document.createElement("div");
  inner.append(title, list);
  summary.append(inner);
  where.replaceChildren(summary);
  summary.focus();
}

// --- Drafts -----------------------------------------------------------------------------------------
const page = form.dataset.page;
const LEFT_OUT = ["csrfmiddlewaretoken", "_owner", "photos", "keep_personal"];
const fieldsOf = () => [...new FormData(form)].filter(([name, value]) => !LEFT_OUT.includes(name) && typeof value === "string");
// What the list of what waits shows of it.
function words() {
  const text = (selector) => form.querySelector(selector)?.textContent.replace(/\u00ad/g, "").trim() ?? "";
  const chosenPlace = text("[name=place]:checked + span") || form.querySelector("[name=place_other]").selectedOptions[0]?.textContent.trim() || "";
  const minutes = form.querySelector("[name=minutes]:checked")?.value ?? minutesOf(typed.value);
  return [text("[name=type]:checked + span"), minutes ? said(Number(minutes)) : "", chosenPlace, dayLabel.textContent].filter(Boolean).join(", ");
}
let waiting = null, sending = false, touched = false;
async function keepDraft() {
  if (sending || !Queue.holds()) return;
  await Queue.putDraft(page, { uid: uid(), fields: fieldsOf(), said: words() });
}
form.addEventListener("input", () => { touched = true; clearTimeout(waiting); waiting = setTimeout(keepDraft, 400); });
form.addEventListener("change", () => { touched = true; clearTimeout(waiting); waiting = setTimeout(keepDraft, 100); });
addEventListener("pagehide", () => { if (touched && !sending) keepDraft(); });

// The one asked for, filled in at once; otherwise the newest is offered.
async function offerDraft(wanted) {
  const all = (await Queue.drafts()).filter((draft) => draft.page === page);
  const held = wanted ? all.find((draft) => draft.uid === wanted) : all[0];
  const where = document.querySelector("[data-draft]");
  if (!held || form.dataset.resumed === "yes") return;
  const resume = async () => { fillIn(held.fields); form.querySelector("[name=uid]").value = held.uid; await drawPicks(); touched = true; };
  if (wanted) { await resume(); return; }
  const box = document.createElement("div"), inner = document.createElement("div"), text = document.createElement("p"), buttons = document.createElement("div");
  box.className = "notice"; buttons.className = "buttons"; text.textContent = `Un brouillon du ${Queue.moment(held.at)} est resté ici : ${held.said || "sans titre"}.`;
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button"; made.className = "button button--small"; made.textContent = label;
    made.addEventListener("click", async () => { await act(); where.hidden = true; form.querySelector("input:not([type=hidden])").focus(); });
    return made;
  };
  buttons.append(button("Reprendre le brouillon", resume), button("L’effacer", () => Queue.dropDraft(held.uid, { withPhotos: true })));
  inner.append(text, buttons);
  box.append(inner);
  where.replaceChildren(box);
  where.hidden = false;
}

// --- Sending: on the phone first, then to the server ------------------------------------------------
const save = form.querySelector(".save .button--main"), saveLabel = save.textContent;
function rest() {
  sending = false;
  save.removeAttribute("aria-disabled");
  save.textContent = saveLabel;
}
addEventListener("pageshow", (event) => { if (event.persisted) rest(); }); // come back to by « Retour »
form.addEventListener("submit", async (event) => {
  if (!Queue.usable || event.submitter?.name === "remplacer") return; // a plain form then
  event.preventDefault();
  if (sending) return;
  sending = true;
  clearTimeout(waiting);
  await Queue.ready; // pressed at once, whose phone this is may not be known yet
  if (!Queue.holds()) {
    form.submit();
    return;
  }
  save.setAttribute("aria-disabled", "true");
  save.textContent = "Envoi…";
  const entry = { uid: uid(), version: form.querySelector("[name=version]").value, fields: fieldsOf(), said: words() };
  try {
    await Queue.put(entry, { announces: true });
  } catch {
    // The phone is full, or keeps nothing: the form goes as it is.
    await putBack();
    form.submit();
    return;
  }
  try {
    await Queue.dropDraft(entry.uid);
    const how = await Queue.send({ uid: entry.uid });
    const left = (await Queue.list()).find((other) => other.uid === entry.uid);
    if (!left) {
      const day = entry.fields.find(([name, value]) => name === "day_other" && value)?.[1] ?? entry.fields.find(([name]) => name === "day")?.[1];
      location.assign(isNew ? (day && day !== today ? `${form.dataset.home}?jour=${day}` : form.dataset.home) : form.dataset.done);
    } else if (left.state === "refused") {
      rest();
      showFaults(left.answer.faults);
    } else if (left.state === "conflict" || left.state === "photos") location.assign(`${Queue.base}#${entry.uid}`);
    else if (how === "signed-out") location.assign(`${form.dataset.signIn}?next=${encodeURIComponent(Queue.base)}`);
    else location.assign(form.dataset.home);
  } catch {
    location.assign(Queue.base); // it is on the phone: what became of it is told there
  }
});

// --- Start ------------------------------------------------------------------------------------------
(async () => {
  // Each opening is an entry of its own, whether the page came from the server or from the phone.
  if (isNew && form.dataset.fresh === "yes" && window.crypto?.randomUUID) form.querySelector("[name=uid]").value = crypto.randomUUID();
  await Queue.started;
  if (!Queue.holds()) return;
  const correcting = asked.get("corriger");
  const entry = correcting && (await Queue.list()).find((other) => other.uid === correcting);
  if (entry) {
    fillIn(entry.fields);
    form.querySelector("[name=uid]").value = entry.uid;
    form.querySelector("[name=version]").value = entry.version ?? "";
    if (entry.answer?.faults) showFaults(entry.answer.faults);
  } else await offerDraft(asked.get("brouillon"));
  await drawPicks();
})();
