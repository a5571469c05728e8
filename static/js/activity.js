// The activity form: chips and free fields agree, durations echo, counts step.
"use strict";

const form = document.querySelector("[data-activity-form]");

// Typing in the free field lets go of the chips; a chip empties the free field.
form.querySelectorAll("[data-other]").forEach((other) => {
  const name = other.dataset.other;
  const free = other.querySelector("input, select");
  const chips = [...form.querySelectorAll(`input[type=radio][name="${name}"]`)];
  free.addEventListener("input", () => { if (free.value) chips.forEach((chip) => { chip.checked = false; }); });
  chips.forEach((chip) => chip.addEventListener("change", () => { free.value = ""; free.dispatchEvent(new Event("input")); }));
});

// What a typed duration means, in the server's words: 45, 45 min, 1h30, 1:30, 1,5 h.
function minutesOf(text) {
  const typed = text.trim().toLowerCase().replace(/[\u00a0\u202f]/g, " ");
  let match = typed.match(/^(\d{1,3})\s*(?:h|:|heures?)\s*(\d{1,2})?\s*(?:min|mn|m)?$/);
  if (match) return Number(match[2] || 0) > 59 ? null : Number(match[1]) * 60 + Number(match[2] || 0);
  match = typed.match(/^(\d{1,3})[.,](\d{1,2})\s*(?:h|heures?)?$/);
  if (match) return Math.round(Number(`${match[1]}.${match[2]}`) * 60);
  match = typed.match(/^(\d{1,4})\s*(?:min|mn|m|minutes?|['’′])?$/);
  return match ? Number(match[1]) : null;
}
function said(minutes) {
  const hours = Math.floor(minutes / 60), rest = minutes % 60;
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${String(rest).padStart(2, "0")}` : `${hours} h`;
}
const typed = form.querySelector("#id_minutes_other");
const echo = form.querySelector("[data-echo]");
typed.addEventListener("input", () => {
  const minutes = minutesOf(typed.value);
  echo.textContent = !typed.value ? "" : minutes === null ? "Durée à préciser : 45, 45 min, 1h30 ou 1,5 h" : `= ${said(minutes)}`;
});

// The usual duration of a type, until somebody chose one.
let chosen = form.dataset.isNew !== "yes";
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
form.querySelectorAll("[name=day], [name=day_other]").forEach((input) => input.addEventListener("change", () => {
  const chip = form.querySelector("input[name=day]:checked + span");
  const other = form.querySelector("[name=day_other]");
  dayLabel.textContent = chip ? chip.textContent : other.value ? new Date(`${other.value}T12:00`).toLocaleDateString("fr-FR", { weekday: "long", day: "numeric", month: "long" }) : "à préciser";
}));

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
