"""News proposes itself to an agenda."""

from datetime import date

from governance.meetings.proposals import proposals_for
from governance.models import DeclinedProposal

from ...world import TODAY, World


def proposed(world: World, meeting) -> list[str]:
    found = proposals_for(meeting, world.reader("coordination"), TODAY)
    return [
        row.title for one, rows in found if one.label == "Informations du quartier" for row in rows
    ]


def test_what_is_in_force_or_to_come_is_proposed_until_it_is_settled(world: World) -> None:
    meeting = world.meeting()
    news = world.news(title="Voirie", party="town-a")
    world.news(title="Plus tard", starts=date(2026, 4, 2), ends=date(2026, 4, 3))
    world.news(title="Finie", starts=date(2026, 3, 1), ends=date(2026, 3, 17))
    world.news(title="Brouillon", state="draft")
    assert proposed(world, meeting) == ["Travaux\u00a0: Voirie", "Travaux\u00a0: Plus tard"]
    world.item(meeting, source=f"news:{news.pk}")
    assert proposed(world, meeting) == ["Travaux\u00a0: Plus tard"]
    later = news.__class__.objects.get(title="Plus tard")
    DeclinedProposal.objects.create(meeting=meeting, source=f"news:{later.pk}")
    assert proposed(world, meeting) == []
