// Pictures of an entry, three at most: made smaller and kept on the phone beside it, locked like it.

import { made } from "../lib/nodes.js";
import { addPhoto, photos, removePhoto } from "../offline/store.js";
import { shrink, whyNot } from "../photos/shrink.js";
import { fieldFault } from "./faults.js";

const MOST_PHOTOS = 3;

const uid = (form) => form.querySelector("[name=uid]").value;
const pickerOf = (form) => form.querySelector("#id_photos");

// Shows those kept for the entry in the form.
export async function drawPictures(form) {
  const held = await photos(uid(form));
  form.querySelector("[data-picks]").replaceChildren(...held.map((photo, n) => made("li", {},
    made("img", { src: URL.createObjectURL(photo.blob), alt: `Photo ${n + 1} sur ${held.length}, à envoyer` }),
    made("button", { type: "button", className: "button button--icon", "aria-label": `Retirer la photo ${n + 1}`, onclick: async () => { await removePhoto(photo.uid); drawPictures(form); pickerOf(form).focus(); } }, "×"))));
}
// Takes what was picked into the phone's store, and says which are not taken and why.
export async function takePictures(form) {
  const faults = [], picker = pickerOf(form);
  for (const file of [...picker.files]) {
    if ((await photos(uid(form))).length >= MOST_PHOTOS) { faults.push("Trois photos au plus."); break; }
    let blob;
    try { blob = await shrink(file); } catch { faults.push(await whyNot(file)); continue; }
    try { await addPhoto(uid(form), blob); } catch { faults.push("Plus de place sur ce téléphone : la photo n’est pas gardée. Libérez de la place, puis choisissez-la de nouveau."); break; }
  }
  picker.value = "";
  await drawPictures(form);
  fieldFault(form, "photos", faults.join(" "));
}
// For the plain form, when the phone keeps nothing: the pictures go back into their control.
export async function putBackPictures(form) {
  const held = await photos(uid(form)).catch(() => []);
  if (!held.length) return;
  const files = new DataTransfer();
  held.forEach((photo, n) => files.items.add(new File([photo.blob], `photo-${n + 1}.jpg`, { type: "image/jpeg" })));
  pickerOf(form).files = files.files;
}
