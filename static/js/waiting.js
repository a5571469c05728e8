// The list of what waits: on its own page with what can be done about each, and on the day's page.
"use strict";

const full = document.querySelector("[data-waiting-page]");
const where = full ?? document.querySelector("[data-waiting-here]");
const STATES = { waiting: "À envoyer", sending: "Envoi…", refused: "Refusé, à corriger", conflict: "Deux versions : choisissez", photos: "Enregistrée, une photo a été refusée" };
const made = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => { if (key in node && key !== "role") node[key] = value; else node.setAttribute(key, value); });
  node.append(...children);
  return node;
};
const button = (label, act, main = false) => made("button", { type: "button", className: `button button--small${main ? " button--main" : ""}`, onclick: act }, label);
let sendingNow = new Set(), confirming = "";

function changes(answer) {
  return made("ul", {}, ...answer.differing.map((change) => made("li", {}, made("strong", {}, change.label), " : enregistré ", made("q", {}, change.before), ", dans votre saisie ", made("q", {}, change.after))));
}
async function resend(entry, version) {
  await Queue.put({ ...entry, answer: undefined, version });
  await Queue.send({ uid: entry.uid });
  draw();
}
function actions(entry) {
  const correct = made("a", { className: "button button--small", href: `${full.dataset.form}?corriger=${entry.uid}` }, "Corriger");
  if (confirming === entry.uid) {
    return [made("p", { role: "alert" }, "Effacer cette saisie pour de bon ? Elle n’est nulle part ailleurs."), button("Oui, effacer", async () => { await Queue.remove(entry.uid); confirming = ""; draw(); }), button("Garder", () => { confirming = ""; draw(); })];
  }
  const erase = button("Effacer", () => { confirming = entry.uid; draw(); });
  if (entry.state === "conflict" && entry.answer.version) {
    return [button("Remplacer par ma saisie", () => resend(entry, String(entry.answer.version))), button("Garder la version enregistrée", async () => { await Queue.remove(entry.uid); draw(); })];
  }
  if (entry.state === "conflict") return [button("Enregistrer de nouveau", () => resend({ ...entry, anew: true }, "")), erase];
  if (entry.state === "photos") return [button("Retirer la photo", async () => { await Queue.remove(entry.uid); draw(); })];
  return [correct, erase];
}
function line(entry) {
  const state = sendingNow.has(entry.uid) ? "sending" : entry.state;
  const item = made("li", { id: entry.uid }, made("p", {}, made("strong", {}, entry.said || "Une saisie")), made("p", {}, made("span", { className: `state state--${state}` }, STATES[state]), made("span", { className: "quiet" }, ` · saisi le ${Queue.moment(entry.created)}`)));
  if (entry.state === "refused" || entry.state === "photos") item.append(made("ul", { className: "errorlist" }, ...entry.answer.faults.map((fault) => made("li", {}, fault.label ? `${fault.label} : ${fault.message}` : fault.message))));
  if (entry.state === "conflict") item.append(entry.answer.version ? made("p", {}, "Cette activité est déjà enregistrée, avec d’autres mots :") : made("p", {}, "Cette activité a été supprimée entre-temps."));
  if (entry.state === "conflict" && entry.answer.differing) item.append(changes(entry.answer));
  if (full) item.append(made("div", { className: "buttons" }, ...actions(entry)));
  return item;
}
async function draw() {
  if (!Queue.usable) return;
  const entries = await Queue.list(), drafts = await Queue.drafts();
  const parts = [];
  if (full) {
    const savedAt = localStorage.getItem("savedAt");
    if (!Queue.holds()) parts.push(made("div", { className: "card empty" }, made("p", {}, "Ce qui attend sur ce téléphone s’ouvre après connexion, avec du réseau une première fois.")));
    else if (!entries.length) parts.push(made("div", { className: "card empty" }, made("p", {}, savedAt ? `Tout est enregistré (dernier envoi le ${Queue.moment(savedAt)}).` : "Tout est enregistré.")));
    else {
      const send = button("Envoyer maintenant", async () => { send.setAttribute("aria-disabled", "true"); say(await Queue.send({ wait: true })); draw(); }, true);
      parts.push(made("p", { className: "lead" }, Queue.many(entries.length, "saisie attend", "saisies attendent"), "."), made("div", { className: "actions" }, send));
    }
  }
  if (entries.length) parts.push(made("ul", { className: "waiting" }, ...entries.map(line)));
  if (drafts.length) {
    parts.push(made(full ? "h2" : "h2", { className: full ? "" : "minor" }, "Brouillons"), made("ul", { className: "waiting" }, ...drafts.map((draft) => made("li", {}, made("p", {}, made("strong", {}, draft.said || "Sans titre"), made("span", { className: "quiet" }, ` · ${Queue.moment(draft.at)}`)), made("div", { className: "buttons" }, draft.page === "nouvelle" ? made("a", { className: "button button--small", href: `${where.dataset.form}?brouillon=${draft.uid}` }, "Reprendre") : "", button("Effacer", async () => { await Queue.dropDraft(draft.uid, { withPhotos: true }); draw(); }))))));
  }
  where.replaceChildren(...parts);
  where.hidden = !parts.length;
}
// What the sending came to, in words that stay.
function say(how) {
  const words = { sent: "", busy: "Un autre onglet envoie déjà.", offline: "Le serveur ne répond pas. Rien n’est perdu : l’envoi reprendra seul.", "signed-out": "Votre session a expiré : reconnectez-vous, l’envoi reprendra.", other: "Une autre personne est connectée ici : rien n’est envoyé." };
  const line = document.querySelector("[data-said]");
  if (line) line.textContent = words[how];
}
document.addEventListener("queue:sending", (event) => { sendingNow = new Set(event.detail); draw(); });
document.addEventListener("queue:changed", () => { sendingNow = new Set(); draw(); });
Queue.ready.then(draw).then(() => Queue.started).then(draw);

// The day's page kept on the phone since another day says so.
const title = document.querySelector("[data-today]");
if (title) {
  const now = new Date();
  const today = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  if (title.dataset.day !== today) title.textContent = "Dernière liste connue";
}
