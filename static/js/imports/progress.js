// Checking a file goes on by itself, a piece at a time. Without this, a button does it.

const checking = document.querySelector("[data-continue]");

async function goOn() {
  for (;;) {
    const answer = await fetch(checking.action, { method: "POST", body: new FormData(checking) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-continue]");
    // What went wrong is told once: in the page that came with it.
    if (page.querySelector(".notice--error")) { document.querySelector("main").replaceWith(page.querySelector("main")); return; }
    // Checked, refused, signed out: the page itself says it.
    if (!answer.ok || !next) { location.reload(); return; }
    checking.querySelector("[data-progress]").textContent = next.querySelector("[data-progress]").textContent;
    checking.querySelector("progress").value = next.querySelector("progress").value;
  }
}
if (checking) {
  const byHand = checking.querySelector(".actions");
  byHand.hidden = true;
  // Should the network fail, the button is back.
  goOn().catch(() => { byHand.hidden = false; });
}
