// The wall of the room follows what is written: the part that changes is fetched anew.

const EVERY = 5000; // milliseconds

async function follow() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-wall]");
  const wall = document.querySelector("[data-wall]");
  if (fresh && fresh.innerHTML !== wall.innerHTML) wall.replaceWith(document.importNode(fresh, true));
}

setInterval(() => { if (!document.hidden) follow().catch(() => {}); }, EVERY);
