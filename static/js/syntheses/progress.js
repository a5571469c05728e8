// How far a publication is, kept up to date while it runs. Without this module the page says it when it
// is opened again.
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
if (place) {
  const timer = setInterval(async () => {
    if (!place.querySelector("[data-running]")) return clearInterval(timer);
    if (!document.hidden && !place.contains(document.activeElement)) await refresh(place);
  }, EVERY);
}
