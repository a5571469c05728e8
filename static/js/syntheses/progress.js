// How far a publication is, kept up to date while it runs; once it is over the whole page is opened anew,
// with what was published. Without this module the page says it when it is opened again.
const EVERY = 3000; // ms

async function refresh(place) {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-progress]");
    if (fresh && fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
  } catch {
    // no network: asked again in a moment
  }
}

const place = document.querySelector("[data-progress]");
if (place?.querySelector("[data-running]")) {
  const timer = setInterval(async () => {
    if (!document.hidden && !place.contains(document.activeElement)) await refresh(place);
    if (place.querySelector("[data-running]")) return;
    clearInterval(timer);
    if (document.activeElement === document.body) location.reload(); // nobody is in the middle of it
  }, EVERY);
}
