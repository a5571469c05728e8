// A signalement written without network waits on the phone like an activity, its pictures with it; back
// online it becomes the draft that somebody checks and sends. With network the form goes as any form.

import { showFaults } from "../activities/faults.js";
import { isKept } from "../lib/days.js";
import { made } from "../lib/nodes.js";
import { isoDay } from "../lib/words.js";
import { quietly } from "../offline/database.js";
import { started } from "../offline/queue.js";
import { handBack } from "../offline/rescue.js";
import { base, send, who } from "../offline/sending.js";
import * as store from "../offline/store.js";
import { shrink } from "../photos/shrink.js";

const form = document.querySelector("[data-signalement-form]");
const asked = new URLSearchParams(location.search);
const correcting = asked.get("corriger");
const LEFT_OUT = ["csrfmiddlewaretoken", "_owner"];

// The page kept on the phone knows neither the day nor what it was opened for.
if (isKept) {
  form.elements.observed_on.value = isoDay(new Date());
  for (const name of ["activite", "situation"]) if (asked.get(name)) form.append(made("input", { type: "hidden", name, value: asked.get(name) }));
}

function missing(hasPhotos) {
  const faults = [];
  const need = (name, message) => { if (!form.elements[name].value.trim()) faults.push({ field: name, message }); };
  need("title", "Dites en quelques mots ce qui est signalé.");
  need("place", "Choisissez un lieu.");
  need("urgency", "Choisissez une urgence.");
  if (!hasPhotos) need("description", "Décrivez ce qui se voit, ou joignez une photo.");
  return faults;
}
async function keep() {
  const uid = form.elements.uid.value, files = [...(form.querySelector("[name=photos]")?.files ?? [])];
  const faults = missing(files.length || (await store.photos(uid)).length || form.elements.takes_photos?.checked);
  if (faults.length) { showFaults(form, faults); return false; }
  const fields = [...new FormData(form)].filter(([name, value]) => !LEFT_OUT.includes(name) && typeof value === "string");
  for (const file of files) await store.addPhoto(uid, await shrink(file).catch(() => file));
  await store.add({ uid, kind: "signalement", version: "", fields, said: `Signalement : ${form.elements.title.value.trim()}` });
  return true;
}

let busy = false, goes = false;
form.addEventListener("submit", async (event) => {
  if (!store.usable || goes || form.dataset.fresh !== "yes") return; // a plain form then
  event.preventDefault();
  if (busy) return;
  busy = true;
  const { submitter } = event;
  await store.ready;
  try {
    if (!store.holds() || (!correcting && (await who()))) {
      goes = true;
      form.requestSubmit(submitter);
      return;
    }
    if (!(await keep())) return;
    await send({ uid: form.elements.uid.value });
    location.assign(base());
  } catch (refusal) {
    handBack(document.querySelector("[data-faults]"), form, refusal);
  } finally { busy = false; }
});
addEventListener("pageshow", () => { goes = false; });

// One that the server refused is taken up again as it was written.
async function takeUp() {
  await started;
  const entry = (await store.list()).find((other) => other.uid === correcting);
  if (!entry) return;
  form.querySelectorAll("input[type=checkbox], input[type=radio]").forEach((box) => { box.checked = false; });
  entry.fields.forEach(([name, value]) => {
    const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const choice = inputs.find((input) => ["radio", "checkbox"].includes(input.type) && input.value === value);
    if (choice) choice.checked = true;
    else if (inputs[0] && !["radio", "checkbox", "file"].includes(inputs[0].type)) inputs[0].value = value;
  });
  form.elements.uid.value = entry.uid;
  if (entry.answer?.faults) showFaults(form, entry.answer.faults);
}
if (correcting) quietly(takeUp());
