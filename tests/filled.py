"""A world in which every model has its rows."""

from datetime import date

from governance.models import Act, record

from .world import World


def populate(world: World) -> None:
    for place in world.places:
        activity = world.activity(place, theme=world.themes[0], minutes=45)
        world.counted(activity)
        world.photo(activity, is_shared=place == "hall-a")
    world.time_entry()
    world.time_entry("autre-mediateur", kind="encadrement")
    world.agenda_line(world.situation())
    world.saved_filter()
    world.preset()
    world.activity_import()
    world.routing_rule()
    world.signalement()
    for place, to in (("hall-a", "town-a"), ("hall-b", "town-b")):
        world.signalement_photo(world.sent(place, to))
        world.signalement_photo(world.sent(place, to, is_confidential=True))
    world.inbound_mail()
    convention = world.convention()
    convention.provisions.create(kind="means", party=world.parties["operator"], text="Un téléphone")
    contribution = convention.contributions.get()
    contribution.instalments.create(amount=40600, due_on=date(2026, 3, 31))
    convention.versions.create(number=1, day=date(2026, 1, 15), terms=[])
    record(Act.CREATE, activity, by=world.reader("mediateur"), programme=world.programme.pk)
