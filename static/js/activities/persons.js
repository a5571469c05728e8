// Words that seem to identify somebody: said while typing, replaced only when the person asks. The
// server looks again.

import { button, made } from "../lib/nodes.js";

// `patterns`: the server's, [{pattern, instead…}…], as regular expressions. What follows says in
// French what `humanicite/lib/personal.py` says: « du logement 12 » becomes « d’un logement ».
export const personsIn = (text, patterns) => patterns.flatMap((row) => [...text.matchAll(new RegExp(row.pattern, "g"))].map((match) => match[0]));
export const withoutPersons = (text, patterns) => patterns.reduce((left, row) => left.replace(withArticles(row), (all, lead, article, found, at) => capital(instead(row, all, lead || "", article || "", found), all, found, left.slice(0, at))), text);

const CONTRACTED = { du: "de", des: "de", au: "à", aux: "à" };
const withArticles = (row) => new RegExp(`(?:(?<![A-Za-zÀ-ÿ])${row.lead || "((?!))"})?(?:(?<![A-Za-zÀ-ÿ])${row.article || "((?!))"})?(${row.pattern})`, "g");

function instead(row, all, lead, article, found) {
  const several = row.plural && new RegExp(row.plural).test(found);
  const kept = row.kept && found.match(new RegExp(row.kept));
  let words = several ? row.several : row.instead;
  if (kept) words = `${kept[0]} ${words}`;
  if (!row.plural) return words;
  const contracted = CONTRACTED[article.toLowerCase()] || "";
  if (contracted === "de" || (lead.toLowerCase() === "de" && !contracted)) {
    words = several ? row.of_several : `d’${words}`;
    if (lead.toLowerCase() === "de") lead = "";
  } else if (contracted) words = `${contracted} ${words}`;
  return after(lead, words, all.length > found.length + lead.length + 1);
}
function after(lead, words, hasArticle) {
  if (!lead) return words;
  if (lead.toLowerCase().endsWith("que")) return words.startsWith("un ") ? `${lead.slice(0, -1)}’${words}` : `${lead} ${words}`;
  return hasArticle ? `${lead} ${words}` : `${lead}, ${words}`;
}
// With a capital where a sentence begins, unless the words taken along had none.
function capital(words, all, found, before) {
  const typedSmall = all.length > found.length && all[0] !== all[0].toUpperCase();
  return /(^|[.!?\n])[ \u00a0]*$/.test(before) && !typedSmall ? words[0].toUpperCase() + words.slice(1) : words;
}

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
