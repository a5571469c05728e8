// A page's field for pictures: what is picked is made smaller at once, so that the form sends little and
// no limit is met. What this browser cannot read stays as it was picked; the server says what it thinks.

import { shrink } from "./shrink.js";

async function smaller(file) {
  try {
    const blob = await shrink(file);
    if (blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch { return file; }
}

document.querySelectorAll("input[type=file][accept^=image]").forEach((picker) => {
  let busy = null, again = null;
  picker.addEventListener("change", () => {
    busy = Promise.all([...picker.files].map(smaller)).then((made) => {
      const files = new DataTransfer();
      made.forEach((file) => files.items.add(file));
      picker.files = files.files;
      busy = null;
    });
  });
  // Sent at once, it waits for them, and is sent by the same button.
  picker.form.addEventListener("submit", (event) => {
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    again ??= busy.then(() => { again = null; picker.form.requestSubmit(event.submitter); });
  }, true);
});
