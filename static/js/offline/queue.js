// What every page does for what waits on the phone: says how much there is, starts the sending on
// opening, on the network's return and on coming back, and lets go of the key at sign-out. It shows
// no entry, and never loses one.

import { made } from "../lib/nodes.js";
import { dayOf } from "../lib/days.js";
import { isoDay, longDay, many, moment } from "../lib/words.js";
import { quietly } from "./database.js";
import { base, enter, leave, send, serverDay, serverMoment, who } from "./sending.js";
import { everybodysRows, forgetOrphans, holds, ready, rows, unlock, usable } from "./store.js";

const TOO_LONG = 48 * 3600 * 1000, MIDNIGHT_PASSES = 600 * 1000; // milliseconds
const body = document.body;
const isSignedOut = body.hasAttribute("data-signed-out"), mayLog = body.hasAttribute("data-may-log");
let offline = false;

function notice(kind, text, href, label) {
  const where = document.querySelector("[data-queue-notice]");
  where.replaceChildren();
  if (!text) return;
  const paragraph = made("p", {}, text);
  if (href) paragraph.append(" ", made("a", { href }, label));
  where.append(made("div", { className: `notice notice--${kind}`, role: "status" }, paragraph));
}
async function show() {
  if (!usable) return;
  const waiting = holds() ? await rows() : isSignedOut ? await everybodysRows() : [];
  const stuck = waiting.filter((row) => row.state !== "waiting").length;
  document.querySelectorAll("[data-waiting-count]").forEach((badge) => {
    badge.hidden = !waiting.length;
    badge.replaceChildren(String(waiting.length), made("span", { className: "visually-hidden" }, waiting.length > 1 ? " saisies à envoyer" : " saisie à envoyer"));
  });
  if (document.querySelector("[data-waiting-page]")) return;
  const oldest = Math.min(...waiting.map((row) => row.created));
  const waits = `${many(waiting.length, "saisie attend", "saisies attendent")} sur ce téléphone`;
  const go = waiting.length > 1 ? "partiront seules" : "partira seule";
  if (document.querySelector("[data-offline]")) {
    if (waiting.length) notice("info", `${waits} et ${go}.`);
  } else if (isSignedOut) {
    if (waiting.length) notice("info", `${waits}, à l’abri. Connectez-vous : ${waiting.length > 1 ? "elles" : "elle"} ${go}.`);
  } else if (!waiting.length) notice("info", offline && mayLog ? "Hors ligne. Vous pouvez saisir : tout attendra sur ce téléphone et partira seul au retour du réseau." : "");
  else if (stuck) notice("warning", `${many(stuck, "saisie demande", "saisies demandent")} votre attention.`, base(), "Voir");
  else if (Date.now() - oldest > TOO_LONG) notice("warning", `${waits} depuis le ${moment(oldest)}. Ouvrez l’application là où il y a du réseau.`, base(), "Voir");
  else notice(offline ? "warning" : "info", `${offline ? "Hors ligne. " : ""}${waits} et ${go}.`, base(), "Voir");
}

// A clock that is a day off would date without network what is done; the difference is told.
function tellClock() {
  const now = new Date();
  if (!serverDay() || serverDay() === isoDay(now) || Math.abs(now - serverMoment()) < MIDNIGHT_PASSES) return;
  document.querySelector("[data-queue-notice]").after(made("div", { className: "notice notice--warning", role: "status" }, made("p", {},
    `L’horloge de ce téléphone dit ${longDay(now)}, le serveur ${longDay(dayOf(serverDay()))}. Réglez-la, et vérifiez la date de ce que vous avez saisi sans réseau.`)));
}
async function start() {
  if (!usable) return;
  await unlock();
  await show();
  if (isSignedOut && (!holds() || location.search.includes("sorti"))) await leave();
  if (!mayLog && !holds()) return show();
  await forgetOrphans();
  const me = await who();
  offline = me === null;
  if (mayLog) tellClock();
  try { await enter(me); } catch { offline = true; }
  if (holds() && me?.owner) {
    // Busy: another tab, or the page just left, which lets go late; in its turn then.
    if (await stillWaits()) await after(await send(), TRIES);
    navigator.serviceWorker?.ready.then((worker) => worker.active?.postMessage("pages"));
  } else if (!me && navigator.onLine && (await stillWaits())) sendAgain(TRIES);
  await show();
}
const stillWaits = async () => holds() && (await rows()).some((row) => row.state === "waiting");
// In its turn, for a sending that still fails without network may hold the turn; and a few times more
// while something waits: a network often comes back in words before it does in deed, and a server
// that failed is often well again.
const TRIES = 3, AGAIN_AFTER = 3000;
const sendAgain = (more) => setTimeout(() => quietly(sendInTurn(more - 1)), AGAIN_AFTER * 2 ** (TRIES - more));
async function sendInTurn(more = TRIES) {
  const how = await send({ wait: true });
  await show();
  await after(how, more);
}
async function after(how, more) {
  if (how === "busy") quietly(sendInTurn(more));
  else if (more && navigator.onLine && (how === "offline" || how === "sent") && (await stillWaits())) sendAgain(more);
}
// The key is there, or is not to be had; a page that shows what waits shows it from here on.
export const started = ready.then(start).catch(() => null);

if (usable) {
  document.addEventListener("queue:changed", () => quietly(show()));
  addEventListener("online", () => { offline = false; quietly(sendInTurn()); });
  addEventListener("offline", () => { offline = true; quietly(show()); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") quietly(send()); });
}
if ("serviceWorker" in navigator && mayLog) navigator.serviceWorker.register("/sw.js").catch(() => null);

// Signing out drops the key first. What waits stays, locked, and that is said.
document.querySelectorAll("[data-sign-out]").forEach((form) => {
  let told = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await ready; // whose phone this is may not be known yet
    const waiting = usable ? (await rows().catch(() => [])).length : 0;
    if (waiting && !told) {
      told = true;
      form.prepend(made("p", { role: "status" }, `${many(waiting, "saisie attend", "saisies attendent")} encore le réseau. Verrouillées, elles restent sur ce téléphone jusqu’à votre prochaine connexion.`));
      form.querySelector("button").lastChild.textContent = "Se déconnecter quand même";
      return;
    }
    try { await leave(); } finally { form.submit(); }
  });
});
