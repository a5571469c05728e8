// Working time: chips and free fields agree, a typed duration says what it means.
"use strict";

const timeForm = document.querySelector("[data-time-form]");

timeForm.querySelectorAll("[data-other]").forEach((other) => {
  const free = other.querySelector("input");
  const chips = [...timeForm.querySelectorAll(`input[type=radio][name="${other.dataset.other}"]`)];
  free.addEventListener("input", () => { if (free.value) chips.forEach((chip) => { chip.checked = false; }); });
  chips.forEach((chip) => chip.addEventListener("change", () => { free.value = ""; free.dispatchEvent(new Event("input")); }));
});

const typedMinutes = timeForm.querySelector("#id_minutes_other");
const saidMinutes = timeForm.querySelector("[data-echo]");
typedMinutes.addEventListener("input", () => {
  const minutes = minutesOf(typedMinutes.value);
  saidMinutes.textContent = !typedMinutes.value ? "" : minutes === null ? "Durée à préciser : 45, 45 min, 1h30 ou 1,5 h" : `= ${said(minutes)}`;
});
