// Fields that only some entries have are shown for those: `data-concerns` says of which field, and which
// value. What stays hidden is left out by the server; a fault in it is shown all the same.

export function showWhatConcerns(form) {
  const parts = [...form.querySelectorAll("[data-concerns]")];
  function show() {
    const said = new FormData(form);
    parts.forEach((part) => {
      const [name, value] = part.dataset.concerns.split(" ");
      part.hidden = said.get(name) !== value && !part.querySelector(".errorlist");
    });
  }
  for (const name of ["change", "filled"]) form.addEventListener(name, show);
  show();
}
