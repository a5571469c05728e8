// What a typed duration means, in the server's words: 45, 45 min, 1h30, 1:30, 1,5 h. Null: nothing.
// And the free field beside the chips, in which it is typed. It corrects nothing: what was typed is
// what is sent.

export function minutesOf(text) {
  const typed = text.trim().toLowerCase().replace(/[\u00a0\u202f]/g, " ");
  let match = typed.match(/^(\d{1,3})\s*(?:h|:|heures?)\s*(\d{1,2})?\s*(?:min|mn|m|['’′])?$/);
  if (match) return Number(match[2] || 0) > 59 ? null : Number(match[1]) * 60 + Number(match[2] || 0);
  match = typed.match(/^(\d{1,3})[.,](\d{1,2})\s*(?:h|heures?)?$/);
  if (match) return Math.round(Number(`${match[1]}.${match[2]}`) * 60);
  match = typed.match(/^(\d{1,4})\s*(?:min|mn|m|minutes?|['’′])?$/);
  return match ? Number(match[1]) : null;
}
export function said(minutes) {
  const hours = Math.floor(minutes / 60), rest = minutes % 60;
  if (!hours) return `${rest}\u00a0min`;
  return rest ? `${hours}\u00a0h\u00a0${String(rest).padStart(2, "0")}` : `${hours}\u00a0h`;
}

// Typing in a free field lets go of its chips; a chip empties the free field.
export function pairChips(form) {
  form.querySelectorAll("[data-other]").forEach((other) => {
    const free = other.querySelector("input, select");
    const chips = [...form.querySelectorAll(`input[type=radio][name="${other.dataset.other}"]`)];
    free.addEventListener("input", () => { if (free.value) chips.forEach((chip) => { chip.checked = false; }); });
    chips.forEach((chip) => chip.addEventListener("change", () => { free.value = ""; free.dispatchEvent(new Event("input")); }));
  });
}
// A typed duration says what it means; at once, where it was typed before this script came.
export function sayBack(typed, echo) {
  const tell = () => {
    const minutes = minutesOf(typed.value);
    echo.textContent = !typed.value ? "" : minutes === null ? "Durée à préciser : 45, 45 min, 1h30 ou 1,5 h" : `= ${said(minutes)}`;
  };
  typed.addEventListener("input", tell);
  tell();
}
