// A section that is read when it opens: the part of the page that its link leads to. Without this module,
// or without network, the link itself is there.

async function read(place) {
  const link = place.querySelector("a");
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-part]");
    if (part) place.replaceChildren(...part.childNodes);
  } catch {
    // no network: the link stays
  } finally {
    place.removeAttribute("aria-busy");
  }
}

for (const place of document.querySelectorAll("[data-opens]")) {
  const section = place.closest("details");
  const opened = () => {
    if (!section.open || place.hasAttribute("aria-busy") || !place.querySelector(":scope > p:only-child > a")) return;
    read(place);
  };
  section.addEventListener("toggle", opened);
  opened();
}
