"""The pages of the frame by keyboard and axe, and a whole programme set up without JavaScript."""

import pytest
from playwright.sync_api import Page

from governance.models import Programme, Seat

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check, settle

TREE = "Les Lilas\n  Nord\n    Îlot A\n      Hall 1\n  Sud"


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_every_form_of_the_frame(visit, world: World, size: dict[str, int]) -> None:
    page = visit("coordination", size)
    place, theme, seat = world.places["ilot-a"], world.themes[0], Seat.objects.first()
    assert seat is not None
    for path in (
        "lieux/nouveau/", f"lieux/{place.pk}/", f"lieux/{place.pk}/retirer/",
        f"perimetres/{world.parties['town-a'].pk}/", "thematiques/nouvelle/",
        f"thematiques/{theme.pk}/", f"thematiques/{theme.pk}/retirer/",
        f"thematiques/{theme.pk}/groupe/", "publics/nouveau/", "axes/nouveau/",
        f"axes/{world.axes[0].pk}/", "objectifs/nouveau/", "instances/nouvelle/",
        f"instances/{world.committee.pk}/", f"instances/{world.committee.pk}/siege/",
        f"instances/{world.committee.pk}/retirer/", "relances/", "nouveau-dispositif/",
        *(f"mise-en-place/{step}/" for step in
          ("parties", "lieux", "perimetres", "listes", "convention", "instances")),
        f"../convention/sieges/{seat.pk}/", f"../convention/sieges/{seat.pk}/fin/",
    ):  # fmt: skip
        page.goto(f"/parametres/{path}")
        check(page)
    page.goto(f"/parametres/perimetres/{world.parties['town-a'].pk}/")
    page.get_by_label("Lieu cote-b").check()
    press(page, "Enregistrer")
    check(page)
    press(page, "Confirmer")
    assert page.url.endswith("/parametres/perimetres/")


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).click()
    settle(page)


def test_a_programme_is_set_up_without_javascript(visit, world: World) -> None:
    page = visit("coordination", PHONE, java_script_enabled=False)

    def save(name: str = "Enregistrer") -> None:
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    page.goto("/parametres/nouveau-dispositif/")
    page.get_by_label("Nom du dispositif").fill("Les Lilas")
    save("Créer le dispositif")
    page.get_by_role("link", name="Continuer").click()
    page.get_by_label("Nom", exact=True).fill("Ville des Lilas")
    page.get_by_label("Type").select_option("town")
    save("Ajouter")
    page.get_by_role("link", name="Étape suivante").click()
    page.get_by_label("Les lieux").fill(TREE)
    save("Voir l’arbre")
    save("Enregistrer ces lieux")
    page.get_by_label("Ville des Lilas").select_option(index=2)
    save()
    save()
    page.get_by_label("Coût").fill("45000")
    save()
    save()
    for function, party, role in (("Médiateur", "operator", "mediateur"),
                                  ("Maire", "Ville des Lilas", "partenaire")):  # fmt: skip
        page.goto("/acces/inviter/")
        page.get_by_label("Adresse").fill(f"{role}-lilas@example.org")
        page.get_by_label("Fonction").fill(function)
        offered = page.get_by_label("Partie").locator("option", has_text=party)
        page.get_by_label("Partie").select_option(offered.first.get_attribute("value"))
        page.get_by_label("Rôle").select_option(role)
        save("Envoyer l’invitation")
    page.goto("/parametres/mise-en-place/")
    assert page.get_by_text("Tout est en place").is_visible()
    programme = Programme.objects.get(name="Les Lilas")
    assert (programme.places.count(), programme.themes.count()) == (5, 23)
