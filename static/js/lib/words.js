// Numbers and moments, as a French reader says them, by the phone's own clock.

// 1 saisie, 2 saisies; the number never leaves its noun.
export const many = (n, one, several) => `${n}\u00a0${n > 1 ? several : one}`;

// 28 novembre à 08:45.
export const moment = (time) => new Date(time).toLocaleString("fr-FR", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });

// samedi 28 novembre.
export const longDay = (date) => date.toLocaleDateString("fr-FR", { weekday: "long", day: "numeric", month: "long" });

// 2026-11-28, where the phone is: `toISOString` would say the day in Greenwich.
export const isoDay = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
