// The day on one page: the total follows what is typed, and there is always a line to go on with.
// Without it the page has a button for more lines, and the server the total.

import { minutesOf, said } from "../lib/durations.js";
import { newUid } from "../lib/uid.js";

const dayEntry = document.querySelector("[data-day-entry]");
const lines = dayEntry.querySelector("[data-lines]");
const pattern = document.querySelector("[data-pattern]");
const count = dayEntry.querySelector("[name=total]");
const usualMinutes = JSON.parse(document.getElementById("usual-minutes").textContent);

const part = (line, name) => line.querySelector(`[name$="-${name}"]`);

function showTotal() {
  let total = Number(dayEntry.dataset.beside);
  for (const line of lines.children) if (!part(line, "delete")?.checked) total += minutesOf(part(line, "minutes").value) || 0;
  dayEntry.querySelector("[data-total]").textContent = total ? said(total) : "0\u00a0h";
  const meter = dayEntry.querySelector("[data-meter]");
  if (meter) meter.value = total;
}

function addLine() {
  const n = Number(count.value);
  if (n >= Number(dayEntry.dataset.most)) return null;
  const made = document.createElement("template");
  made.innerHTML = pattern.innerHTML.replaceAll("__n__", n).replaceAll("__m__", n + 1);
  const line = made.content.firstElementChild;
  part(line, "uid").value = newUid();
  const last = lines.lastElementChild;
  if (last) part(line, "place").value = part(last, "place").value;
  lines.append(line);
  count.value = n + 1;
  return line;
}

// The last line was begun: another waits beneath it.
lines.addEventListener("input", (event) => {
  showTotal();
  if (event.target.closest("[data-line]") === lines.lastElementChild) addLine();
});
lines.addEventListener("change", (event) => {
  const line = event.target.closest("[data-line]"), minutes = part(line, "minutes");
  if (event.target === part(line, "type")) {
    const place = part(line, "place"), above = line.previousElementSibling;
    if (!minutes.value && usualMinutes[event.target.value]) minutes.value = said(usualMinutes[event.target.value]);
    if (!place.value && above) place.value = part(above, "place").value;
  }
  showTotal();
});
dayEntry.querySelector("[name=ajouter]").addEventListener("click", (event) => {
  event.preventDefault();
  const line = addLine();
  if (line) part(line, "starts_at").focus();
});
showTotal();
