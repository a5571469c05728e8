// The form of a signalement: recipients follow place and theme, until somebody chooses otherwise.
// It proposes and warns; it ticks nothing that a person has unticked, and sends nothing but a draft
// that has no network to go by (waiting.js beside this).

import "./waiting.js";

const form = document.querySelector("[data-signalement-form]");
const place = form.elements.place;
const theme = form.elements.theme;
const boxes = [...form.querySelectorAll("[data-contact]")];
const alike = form.querySelector("[data-alike]");
const undesignated = form.querySelector("[data-undesignated]");
const touched = new Set();
let asked = 0;

boxes.forEach((box) => {
  // What is ticked without being proposed was somebody's choice.
  if (box.checked && proposedTag(box).hidden) touched.add(box);
  box.addEventListener("change", () => touched.add(box));
});

function proposedTag(box) { return box.closest("label").querySelector("[data-proposed]"); }

async function refresh() {
  const turn = ++asked;
  const query = new URLSearchParams({ lieu: place.value, theme: theme.value, sauf: form.dataset.but });
  let found;
  try {
    const answer = await fetch(`${form.dataset.proposals}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    found = await answer.json();
  } catch { return; }
  if (turn !== asked) return;
  boxes.forEach((box) => {
    const is = found.main.includes(Number(box.value));
    proposedTag(box).hidden = !is;
    if (!touched.has(box)) box.checked = is;
  });
  undesignated.hidden = !found.undesignated.length;
  undesignated.querySelector("span").textContent = found.undesignated.join(", ");
  tell(found.alike);
  arrange(found);
}

function tell(signalements) {
  alike.replaceChildren();
  if (!signalements.length) return;
  const box = document.createElement("div");
  box.className = "notice notice--warning";
  const text = document.createElement("p");
  text.append("Déjà ouvert pour ce lieu et cette thématique\u00a0: ");
  signalements.forEach((signalement, index) => {
    const link = document.createElement("a");
    link.href = signalement.url;
    link.textContent = signalement.title;
    if (index) text.append(", ");
    text.append(link);
  });
  text.append(". «\u00a0Vérifier\u00a0» proposera d’y joindre votre constat.");
  box.append(text);
  alike.append(box);
}

// Parties that are concerned come first; the others wait behind one press.
const parties = [...form.querySelectorAll("[data-party]")];
const others = document.createElement("details");
others.className = "fold";
const summary = document.createElement("summary");
const inner = document.createElement("div");
inner.className = "fold__in";
summary.textContent = "Autres interlocuteurs";
others.append(summary, inner);
let chosen = false; // opened or closed by hand
summary.addEventListener("click", () => { chosen = true; });

function arrange(found) {
  const shown = new Set([...found.main, ...found.backups].map(String));
  const list = form.querySelector("[data-recipients]");
  parties.forEach((party) => {
    const concerned = [...party.querySelectorAll("[data-contact]")].some((box) => box.checked || shown.has(box.value));
    if (concerned) list.insertBefore(party, others.parentNode === list ? others : null);
    else inner.append(party);
  });
  if (inner.children.length && others.parentNode !== list) list.append(others);
  others.hidden = !inner.children.length;
  if (!chosen) others.open = inner.children.length === parties.length;
}

if (parties.length > 1) {
  arrange({ main: boxes.filter((box) => !box.closest("[data-other]")).map((box) => Number(box.value)), backups: [] });
}
place.addEventListener("change", refresh);
theme.addEventListener("change", refresh);
// Chosen before this script came, or kept by the browser when the page was read again.
const drawn = (select) => select.querySelector("option[selected]")?.value ?? "";
if ([place, theme].some((select) => select.value !== drawn(select))) refresh();

// An immediate danger is a call first.
const warning = form.querySelector("[data-immediate]");
const warn = () => { warning.hidden = form.elements.urgency.value !== "immediate"; };
form.querySelectorAll("[name=urgency]").forEach((radio) => radio.addEventListener("change", warn));
warn();
