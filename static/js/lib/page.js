// Every page: comforts on top of plain HTML. Nothing here is needed to do the work.

import { isKept } from "./days.js";
import { keepUid, newUid } from "./uid.js";

// A form for a new row that « Retour » brings back saves one row, not two.
document.querySelectorAll("form[data-fresh=yes] > [name=uid]").forEach((input) => {
  if (!input.form.hasAttribute("data-activity-form")) keepUid(input, isKept ? newUid : undefined);
});

// A fault's summary takes the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus();

// A second press on the same button sends nothing twice; the server refuses it as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
});
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  });
});

// Menus close on Escape and on a press elsewhere.
const menus = () => document.querySelectorAll(".account[open], .bar details[open], .nav details[open]");
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});
addEventListener("click", (event) => menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));

// A list of choices that sends its form by itself.
document.querySelectorAll("select[data-auto]").forEach((select) =>
  select.addEventListener("change", () => select.form.requestSubmit()));
