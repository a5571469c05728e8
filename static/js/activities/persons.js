// Words that seem to identify somebody: said while typing, replaced only when the person asks. The
// server looks again.

import { button, made } from "../lib/nodes.js";

// With a capital where a sentence begins, as the server does.
const atStart = (words, before) => (/(^|[.!?\n])[ \u00a0]*$/.test(before) ? words[0].toUpperCase() + words.slice(1) : words);

// `patterns`: the server's, [{pattern, instead}…], as regular expressions.
const compiled = (patterns) => patterns.map((row) => ({ ...row, pattern: new RegExp(row.pattern, "g") }));
export const personsIn = (text, patterns) => compiled(patterns).flatMap((row) => [...text.matchAll(row.pattern)].map((match) => match[0]));
export const withoutPersons = (text, patterns) => compiled(patterns).reduce((left, row) => left.replace(row.pattern, (match, at, whole) => atStart(row.instead, whole.slice(0, at))), text);

// Watches the controls `texts`, and says what it finds in `nudge`.
export function watchPersons(texts, nudge, patterns) {
  let kept = "";
  function look() {
    const found = texts.flatMap((text) => personsIn(text.value, patterns));
    if (!found.length || kept === found.join()) { nudge.replaceChildren(); return; }
    if (nudge.dataset.found === found.join() && nudge.childElementCount) return;
    nudge.dataset.found = found.join();
    const replace = button("Remplacer par « un habitant »", () => {
      texts.forEach((text) => { text.value = withoutPersons(text.value, patterns); });
      look();
      texts[0].dispatchEvent(new Event("input", { bubbles: true }));
      texts[0].focus();
    });
    const keep = button("Garder", () => { kept = found.join(); look(); texts[0].focus(); });
    nudge.replaceChildren(made("div", { className: "notice notice--warning" }, made("div", {},
      made("p", {}, `Ce texte semble identifier quelqu’un : ${found.join(", ")}.`),
      made("div", { className: "buttons" }, replace, keep))));
  }
  texts.forEach((text) => text.addEventListener("change", look));
}
