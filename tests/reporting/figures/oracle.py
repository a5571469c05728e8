"""What an address of the list of activities must count, by SQL that the product does not share."""

from urllib.parse import parse_qsl, urlsplit

from django.db import connection

from ...world import World

FROM = """
    FROM mediation_activity a
    LEFT JOIN governance_objective o ON o.id = a.objective_id
    WHERE a.programme_id = {programme} AND a.place_id IN ({places}) AND {rest}
"""
COVERED = {"town-a": "-b", "town-b": "-a"}  # what each town does not see of the small world


def counted(href: str, world: World, is_operator: bool) -> dict[str, int] | None:
    """By measure; None for another list, or a filter that this does not know."""
    parts = urlsplit(href)
    given = dict(parse_qsl(parts.query))
    if parts.path != "/activites/" or "perimetre" not in given:
        return None
    rest = ["a.day >= %s", "a.day <= %s"]
    values: list[object] = [given.pop("du"), given.pop("au")]
    perimeter = int(given.pop("perimetre"))
    who = next(key for key, one in world.perimeters.items() if one.pk == perimeter)
    places = [one.pk for key, one in world.places.items() if COVERED.get(who, "?") not in key]
    if "lieu" in given:
        chosen, alone = int(given.pop("lieu")), given.pop("seul", "")
        root = next(one for one in world.places.values() if one.pk == chosen)
        below = [
            one.pk
            for one in world.places.values()
            if one.pk == chosen or (not alone and one.path.startswith(root.path))
        ]
        places = [pk for pk in places if pk in below]
    columns = {
        "type": "a.type = %s",
        "axe": "o.axis_id = %s",
        "theme": "%s IN (a.theme_id, a.second_theme_id)",
    }
    without = {"axe": "a.objective_id IS NULL", "theme": "a.theme_id IS NULL"}
    audience = given.pop("public", "")
    for name, value in given.items():
        if value == "sans":
            rest.append(without[name])
        elif name in columns:
            rest.append(columns[name])
            values.append(value if name == "type" else int(value))
        else:
            return None
    text = FROM.format(
        programme=world.programme.pk, places=", ".join(map(str, places)), rest=" AND ".join(rest)
    )
    cells = (
        "SELECT COALESCE(SUM(h.count), 0) FROM mediation_headcount h "
        f"WHERE h.activity_id IN (SELECT a.id {text})"
    )
    if audience:
        cells += f" AND h.audience_id = {int(audience)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*), COALESCE(SUM(a.minutes), 0), COUNT(DISTINCT a.day) {text}", values
        )
        count, minutes, days = cursor.fetchone()
        cursor.execute(cells, values)
        people = cursor.fetchone()[0]
    return {"count": count, "minutes": minutes, "days": days, "people": people}
