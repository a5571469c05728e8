"""Takes the README's pictures from a running demonstration: `python -m tests.pictures`.

`make demo` in another terminal first; the address can be given as an argument.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from .browser.chromium import ARGUMENTS, CHROMIUM, LAPTOP, PHONE

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PICTURES = [
    ("mediateur", "/aujourdhui/", PHONE, "aujourdhui"),
    ("mediateur", "/activites/nouvelle/", PHONE, "saisie"),
    ("capinghem", "/tableau-de-bord/", LAPTOP, "tableau-de-bord"),
    ("coordination", "/pilotage/", LAPTOP, "pilotage"),
    ("coordination", "/signalements/", LAPTOP, "signalements"),
]


def main(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for who, path, size, name in PICTURES:
            context = browser.new_context(viewport=size, locale="fr-FR", base_url=site)
            page = context.new_page()
            page.goto("/connexion/")
            page.get_by_label("Adresse").fill(f"{who}@example.org")
            page.get_by_label("Mot de passe").fill("demo-humanicite")
            page.get_by_role("main").get_by_role("button", name="Se connecter").click()
            page.wait_for_url(lambda url: "/connexion/" not in url)
            page.goto(path)
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
