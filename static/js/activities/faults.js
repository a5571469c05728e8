// Faults of a form, shown as the server shows them: a summary that takes the focus, and each word
// beside its field. It changes no value.

import { made } from "../lib/nodes.js";
import { many } from "../lib/words.js";

function holderOf(form, name) {
  const control = form.querySelector(`[name="${CSS.escape(name)}"], [name="${CSS.escape(name)}_other"]`);
  return control?.closest("fieldset.field, .field") ?? null;
}

// Says it beside the field, in place of what was said there; an empty message takes it away.
export function fieldFault(form, name, message) {
  const holder = holderOf(form, name);
  if (!holder) return;
  holder.querySelector(":scope > .errorlist")?.remove();
  holder.toggleAttribute("data-invalid", Boolean(message));
  const controls = [...holder.querySelectorAll("input, select, textarea")];
  controls.forEach((control) => { if (message && !["radio", "checkbox"].includes(control.type)) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid"); });
  if (!message) return;
  const list = made("ul", { className: "errorlist", id: `${name}-fault` }, made("li", {}, message));
  controls[0]?.setAttribute("aria-describedby", list.id);
  const first = holder.querySelector(":scope > .chips, :scope > .tiles, :scope > .checks, :scope > input, :scope > select, :scope > textarea, :scope > .other, :scope > .stepper");
  holder.insertBefore(list, first);
  holder.closest("details")?.setAttribute("open", "");
}

// `faults`: [{field, message}…], the field being none where a fault is of the whole entry.
export function showFaults(form, faults) {
  document.querySelectorAll(".errorlist").forEach((list) => list.remove());
  form.querySelectorAll("[data-invalid]").forEach((holder) => fieldFault(form, holder.querySelector("[name]")?.name ?? "", ""));
  document.querySelectorAll(".notice--error[data-focus]").forEach((old) => old.remove());
  const items = faults.map((fault) => {
    const holder = fault.field && holderOf(form, fault.field);
    if (!holder) return made("li", {}, fault.message);
    fieldFault(form, fault.field, fault.message);
    const target = holder.querySelector("input:not([type=hidden]), select, textarea");
    return made("li", {}, made("a", { href: `#${target.id}` }, fault.message));
  });
  const title = `${many(faults.length, "point à corriger", "points à corriger")}. Ce que vous avez saisi est conservé.`;
  const summary = made("div", { className: "notice notice--error", role: "alert", tabIndex: -1 }, made("div", {}, made("p", {}, made("strong", {}, title)), made("ul", {}, ...items)));
  document.querySelector("[data-faults]").replaceChildren(summary);
  summary.focus();
}
