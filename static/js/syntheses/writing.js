// The editor of a synthesis: saves by itself what was typed, tells what others wrote, counts signs.
// Without it, « Enregistrer » does the same. It overwrites nothing: a text that somebody else changed
// since it was read is refused by the server, and both are shown once the page is sent.

const form = document.querySelector("[data-writing]");
const state = form?.querySelector("[data-state]");
const AFTER = 1500; // milliseconds without a key
const EVERY = 20000; // looks for what others wrote

const areas = form ? [...form.querySelectorAll("textarea[data-most]")] : [];
const keyOf = (area) => area.name.slice("texte-".length);
const hidden = (area, name) => form.elements[`${name}-${keyOf(area)}`];
const read = new Map(areas.map((area) => [area, area.value]));
const refused = new Set(); // changed elsewhere: waits for the person
let timer = 0, isSending = false;

const isTouched = (area) => area.value.trim() !== read.get(area).trim();

function count(area) {
  const size = area.value.trim().length, most = Number(area.dataset.most);
  const said = document.getElementById(`etat-${keyOf(area)}`);
  said.textContent = size > most ? `${size} caractères, ${most} au plus : à raccourcir avant de publier` : `${size} caractères sur ${most}`;
  said.classList.toggle("state--refused", size > most);
}

async function save() {
  clearTimeout(timer);
  if (isSending) return;
  const touched = areas.filter((area) => isTouched(area) && !refused.has(area));
  const body = new FormData();
  ["csrfmiddlewaretoken", "_owner", "edition"].forEach((name) => { if (form.elements[name]) body.set(name, form.elements[name].value); });
  touched.forEach((area) => { body.set(area.name, area.value); body.set(`version-${keyOf(area)}`, hidden(area, "version").value); });
  const sent = new Map(touched.map((area) => [area, area.value]));
  isSending = true;
  if (touched.length) state.textContent = "Enregistrement…";
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Autosave": "1" }, redirect: "manual" });
    if (![200, 409, 422].includes(answer.status)) throw new Error(answer.status);
    take(await answer.json(), sent);
  } catch {
    state.textContent = "Pas enregistré : ce que vous écrivez reste ici. Touchez Enregistrer quand le réseau revient.";
  } finally {
    isSending = false;
    if (areas.some((area) => isTouched(area) && !refused.has(area)) && state.textContent.startsWith("Enregistré")) plan();
  }
}

function take(told, sent) {
  areas.forEach((area) => {
    const key = keyOf(area), now = told.texts[key];
    if (told.conflicts.includes(key)) return warn(area, now);
    if (told.errors[key]) { document.getElementById(`etat-${key}`).textContent = told.errors[key]; return; }
    if (!now) return;
    const version = String(now.version), isNew = version !== hidden(area, "version").value;
    if (sent.has(area)) read.set(area, sent.get(area));
    else if (isNew && isTouched(area)) return warn(area, now);
    else if (isNew) { area.value = now.text; read.set(area, now.text); document.getElementById(`etat-${key}`).textContent = `${now.by} : texte mis à jour`; }
    if (sent.has(area) || isNew) { hidden(area, "version").value = version; hidden(area, "lu").value = ""; }
  });
  state.textContent = refused.size ? "Un texte a été changé par quelqu’un d’autre : touchez Enregistrer pour voir les deux." : `Enregistré à ${told.at}`;
}

function warn(area, now) {
  refused.add(area);
  const by = now ? now.by : "quelqu’un d’autre";
  document.getElementById(`etat-${keyOf(area)}`).textContent = `${by} a écrit ici entre-temps. Touchez Enregistrer : les deux textes seront montrés.`;
}

const plan = () => { clearTimeout(timer); timer = setTimeout(save, AFTER); };

if (form && state) {
  areas.forEach((area) => area.addEventListener("input", () => { count(area); if (!refused.has(area)) plan(); }));
  setInterval(() => { if (!document.hidden) save(); }, EVERY);
  window.addEventListener("focus", () => save());
  document.addEventListener("visibilitychange", () => { if (document.hidden && areas.some(isTouched)) save(); });
}
