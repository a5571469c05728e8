// The list of what waits: on its own page with what can be done about each, and on the day's page.
// Nothing is erased or replaced but by the person's own press.

import { button, made } from "../lib/nodes.js";
import { isKept } from "../lib/days.js";
import { isoDay, many, moment } from "../lib/words.js";
import { StoreRefused } from "./database.js";
import { started } from "./queue.js";
import { send } from "./sending.js";
import { add, drafts, dropDraft, holds, list, ready, remove, usable } from "./store.js";

const full = document.querySelector("[data-waiting-page]");
const where = full ?? document.querySelector("[data-waiting-here]");
const STATES = { waiting: "À envoyer", sending: "Envoi…", refused: "Refusé, à corriger", conflict: "Deux versions : choisissez", photos: "Enregistrée, une photo a été refusée" };
let sendingNow = new Set(), confirming = "";

function changes(answer) {
  return made("ul", {}, ...answer.differing.map((change) => made("li", {}, made("strong", {}, change.label), " : enregistré ", made("q", {}, change.before), ", dans votre saisie ", made("q", {}, change.after))));
}
async function resend(entry, version) {
  await add({ ...entry, answer: undefined, version });
  await send({ uid: entry.uid });
  draw();
}
function actions(entry) {
  const correct = made("a", { className: "button button--small", href: `${entry.kind === "signalement" ? full.dataset.signalement : full.dataset.form}?corriger=${entry.uid}` }, "Corriger");
  if (confirming === entry.uid) {
    return [made("p", { role: "alert" }, "Effacer cette saisie pour de bon ? Elle n’est nulle part ailleurs."), button("Oui, effacer", async () => { await remove(entry.uid); confirming = ""; draw(); }), button("Garder", () => { confirming = ""; draw(); })];
  }
  const erase = button("Effacer", () => { confirming = entry.uid; draw(); });
  if (entry.state === "conflict" && entry.answer.version) {
    return [button("Remplacer par ma saisie", () => resend(entry, String(entry.answer.version))), button("Garder la version enregistrée", async () => { await remove(entry.uid); draw(); })];
  }
  if (entry.state === "conflict") return [button("Enregistrer de nouveau", () => resend({ ...entry, anew: true }, "")), erase];
  if (entry.state === "photos") return [button("Retirer la photo", async () => { await remove(entry.uid); draw(); })];
  return [correct, erase];
}
function line(entry) {
  const state = sendingNow.has(entry.uid) ? "sending" : entry.state;
  const item = made("li", { id: entry.uid }, made("p", {}, made("strong", {}, entry.said || "Une saisie")), made("p", {}, made("span", { className: `state state--${state}` }, STATES[state]), made("span", { className: "quiet" }, ` · saisi le ${moment(entry.created)}`)));
  if (entry.state === "refused" || entry.state === "photos") item.append(made("ul", { className: "errorlist" }, ...entry.answer.faults.map((fault) => made("li", {}, fault.label ? `${fault.label} : ${fault.message}` : fault.message))));
  if (entry.state === "conflict") item.append(entry.answer.version ? made("p", {}, "Cette activité est déjà enregistrée, avec d’autres mots :") : made("p", {}, "Cette activité a été supprimée entre-temps."));
  if (entry.state === "conflict" && entry.answer.differing) item.append(changes(entry.answer));
  if (full) item.append(made("div", { className: "buttons" }, ...actions(entry)));
  return item;
}
async function draw() {
  if (!usable) return;
  try { await drawAll(); } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    // Never « Tout est enregistré » when nobody could look.
    where.replaceChildren(made("p", { role: "alert" }, "Ce téléphone n’arrive pas à ouvrir ce qu’il garde. Fermez l’application, puis ouvrez-la de nouveau."));
    where.hidden = false;
  }
}
async function drawAll() {
  const entries = await list(), begun = await drafts();
  const parts = [];
  if (full) {
    const savedAt = localStorage.getItem("savedAt");
    if (!holds()) parts.push(made("div", { className: "card empty" }, made("p", {}, "Ce qui attend sur ce téléphone s’ouvre après connexion, avec du réseau une première fois.")));
    else if (!entries.length) parts.push(made("div", { className: "card empty" }, made("p", {}, savedAt ? `Tout est enregistré (dernier envoi le ${moment(savedAt)}).` : "Tout est enregistré.")));
    else {
      const now = button("Envoyer maintenant", async () => { now.setAttribute("aria-disabled", "true"); say(await send({ wait: true })); draw(); }, { main: true });
      parts.push(made("p", { className: "lead" }, many(entries.length, "saisie attend", "saisies attendent"), "."), made("div", { className: "actions" }, now));
    }
  }
  if (entries.length) parts.push(made("ul", { className: "waiting" }, ...entries.map(line)));
  if (begun.length) {
    parts.push(made("h2", { className: full ? "" : "minor" }, "Brouillons"), made("ul", { className: "waiting" }, ...begun.map((draft) => made("li", {}, made("p", {}, made("strong", {}, draft.said || "Sans titre"), made("span", { className: "quiet" }, ` · ${moment(draft.at)}`)), made("div", { className: "buttons" }, draft.page === "nouvelle" ? made("a", { className: "button button--small", href: `${where.dataset.form}?brouillon=${draft.uid}` }, "Reprendre") : "", button("Effacer", async () => { await dropDraft(draft.uid, { withPhotos: true }); draw(); }))))));
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
ready.then(draw).then(() => started).then(draw);

// The day's page kept on the phone since another day says so.
const title = document.querySelector("[data-today]");
if (title && isKept) {
  if (title.dataset.day !== isoDay(new Date())) title.textContent = "Dernière liste connue";
}
