// What the phone refuses to keep and the server cannot be told is handed back to the person: said
// plainly, beside the form as it was typed, with a copy to take away. It sends and erases nothing.

import { button, made } from "../lib/nodes.js";
import { isoDay, moment } from "../lib/words.js";

const textOf = (node) => {
  const copy = node?.cloneNode(true);
  copy?.querySelectorAll(".optional, .help, .errorlist, input, select, textarea").forEach((part) => part.remove());
  return copy?.textContent.replace(/\u00ad/g, "").replace(/[ \t\n]+/g, " ").trim() ?? "";
};

// What a form holds, a line a field, by the labels that the person reads. Passwords, files and what
// is hidden are left out.
export function typedText(form) {
  const lines = [];
  for (const control of form.elements) {
    if (!control.name || ["hidden", "file", "password", "submit", "button", "fieldset"].includes(control.type) || control.closest("[hidden]")) continue;
    const label = textOf(control.labels?.[0]);
    const group = textOf(control.closest("fieldset")?.querySelector("legend"));
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.checked) lines.push(group ? `${group}\u00a0: ${label}` : label);
    } else if (control.value) {
      lines.push(`${label || group}\u00a0: ${control.selectedOptions ? textOf(control.selectedOptions[0]) : control.value}`);
    }
  }
  return lines.join("\n");
}

// `refusal`: the `StoreRefused`, or null where the store never opened.
export function handBack(where, form, refusal) {
  const now = new Date();
  const text = `Saisie du ${moment(now)}, non enregistrée\n\n${typedText(form)}\n`;
  const said = made("p", { role: "status", className: "quiet" });
  const why = refusal?.isFull ? "Ce téléphone n’a plus de place" : "Ce téléphone ne peut rien garder en ce moment";
  const then = refusal?.isFull ? "libérez de la place" : "attendez le réseau, ou fermez les autres onglets";
  const copy = button("Copier ma saisie", async () => {
    try { await navigator.clipboard.writeText(text); said.textContent = "Copié : collez-la dans un message ou une note."; } catch { said.textContent = "La copie n’est pas permise ici : téléchargez la saisie."; }
  });
  const link = made("a", { className: "button button--small", href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: `saisie-${isoDay(now)}.txt` }, "Télécharger ma saisie");
  const box = made("div", { className: "notice notice--error", role: "alert", tabIndex: -1 }, made("div", {},
    made("p", {}, made("strong", {}, "Rien n’est encore enregistré. Ce que vous avez saisi est toujours ici, mot pour mot.")),
    made("p", {}, `${why}, et le serveur ne répond pas. Gardez une copie des textes, ${then}, puis enregistrez de nouveau.`),
    made("div", { className: "buttons" }, copy, link), said));
  where.replaceChildren(box);
  box.focus();
}
