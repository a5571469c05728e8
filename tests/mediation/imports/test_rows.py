"""A row becomes an activity, or says what is wrong with it."""

import hashlib
import json
import uuid
from datetime import date, datetime, time, timedelta

import pytest

from governance.models import JournalEntry, Place, PlaceKind
from mediation.imports import actions
from mediation.models import (
    Activity,
    HeadCount,
    ImportState,
    Review,
)

from ...world import World
from .files import GOOD, HEADERS, a_csv, an_xlsx, check, faults, imported, receive, row

# --- From a file to activities --------------------------------------------------------------------


def test_a_row_becomes_an_activity_whole(world: World) -> None:
    job = imported(world, a_csv([GOOD]))
    activity = Activity.objects.get()
    assert (activity.day, activity.starts_at) == (date(2026, 3, 10), time(14, 30))
    assert (activity.type, activity.place, activity.minutes) == ("PAP", world.places["hall-a"], 90)
    assert (activity.theme, activity.second_theme) == (world.themes[0], None)
    assert activity.objective == world.objectives[0]
    assert (activity.outcome, activity.origin) == ("resolu", "habitant")
    assert (activity.internal_note, activity.summary) == ("Une note", "Un résumé")
    assert activity.author == world.user("mediateur")
    assert activity.own_words == "un resume une note"
    count = HeadCount.objects.get()
    assert (count.audience, count.band, count.count) == (world.audiences[0], "np", 12)
    version = activity.history.get()
    assert version.history_change_reason == "Import"
    assert version.history_user == world.user("coordination")
    assert (job.created, job.known, job.state) == (1, 0, ImportState.DONE)
    entry = JournalEntry.objects.get()
    assert (entry.act, entry.actor) == ("import", world.user("coordination").email)
    assert entry.fields == ["importées : 1, déjà là : 0"]


def test_what_is_optional_may_be_missing(world: World) -> None:
    imported(world, a_csv([GOOD[:4]], HEADERS[:4]))
    activity = Activity.objects.get()
    assert (activity.starts_at, activity.theme, activity.outcome) == (None, None, "")
    assert activity.review == Review.NONE
    blank = row(début="", thématiques="", objectif="", suite="", origine="", note="", résumé="",
                publics="")  # fmt: skip
    blank[0] = "11/03/2026"
    imported(world, a_csv([blank]))
    assert not HeadCount.objects.exists()


def test_a_text_that_identifies_waits_for_review(world: World) -> None:
    job = check(world, receive(world, a_csv([row(note="Vu Mme Durand."), GOOD])))
    assert job.to_review == 1
    actions.write_import(job=job, by=world.reader("coordination"))
    assert Activity.objects.get(review=Review.PENDING).internal_note == "Vu Mme Durand."


@pytest.mark.parametrize(
    ("encoding", "sep"),
    [("utf-8", ";"), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ","),
     ("cp1252", "\t")],
)  # fmt: skip
def test_encodings_and_separators_are_found(world: World, encoding: str, sep: str) -> None:
    rows = [row(note="Échange à l’entrée, « calme » ; rien.\nSuite demain.")] + [GOOD] * 3
    imported(world, a_csv(rows, sep=sep, encoding=encoding))
    assert Activity.objects.filter(internal_note__contains="l’entrée, « calme » ; rien").exists()
    assert Activity.objects.count() == 4


def test_a_csv_of_this_application_or_excel_opens(world: World) -> None:
    """A line « sep=; », titles above the header, blank lines, a quote that keeps a formula off."""
    lines = [["Suivi, année 2026"], [], HEADERS, [], row(note="'=1+1"), ["", ""], row(durée="45")]
    text = "sep=;\r\n" + "\r\n".join(";".join(line) for line in lines)
    job = receive(world, text.encode())
    assert job.rows == 2
    check(world, job)
    actions.write_import(job=job, by=world.reader("coordination"))
    assert set(Activity.objects.values_list("internal_note", flat=True)) == {"=1+1", "Une note"}


def test_excel_cells_are_what_they_are(world: World) -> None:
    """Dates, hours and durations as cells; numbers as numbers; a date as its bare number."""
    morning = datetime.combine(date(2026, 3, 13), time(8, 30))
    rows = [
        row(
            date=datetime.combine(date(2026, 3, 10), time()),
            durée=time(1, 30),
            début=time(9, 5),
            publics=7,
        ),
        row(date=date(2026, 3, 11), durée=timedelta(hours=2), début=0.5, objectif=1.1, publics=7.0),
        row(date=46093, durée=45, début=None, publics=0),  # 12 mars 2026
        row(date=morning, durée=1.5, début="", publics=None),
        row(date="46095", durée="01:15:00"),
    ]
    imported(world, an_xlsx(rows), "suivi.xlsx")
    found = Activity.objects.order_by("day").values_list("day", "minutes", "starts_at")
    assert list(found) == [
        (date(2026, 3, 10), 90, time(9, 5)), (date(2026, 3, 11), 120, time(12)),
        (date(2026, 3, 12), 45, None), (date(2026, 3, 13), 90, None),
        (date(2026, 3, 14), 75, time(14, 30)),
    ]  # fmt: skip
    assert sorted(HeadCount.objects.values_list("count", flat=True)) == [7, 7, 12]


def test_a_day_with_its_time_gives_the_start_where_no_column_does(world: World) -> None:
    headers = ["Date", "Activité", "Lieu", "Nombre d’heures"]
    rows = [["10/03/2026 08:15", "Veille", "hall-a", "2"],
            ["2026-03-11T19:00:00", "présence de PROXIMITÉ", "Lieu  HALL-A essai", "1,5"]]  # fmt: skip
    imported(world, a_csv(rows, headers))
    found = Activity.objects.order_by("day").values_list("type", "minutes", "starts_at")
    assert list(found) == [("VEIL", 120, time(8, 15)), ("PAP", 90, time(19))]


def test_two_themes_in_a_cell_or_in_two_columns(world: World) -> None:
    headers = [*HEADERS, "Seconde thématique"]
    rows = [
        [*row(thématiques="Éclairage essai, Voirie essai"), ""],
        [*row(thématiques="voirie essai"), "ISOLEMENT ESSAI"],
        [*row(thématiques="Voirie essai"), "Voirie essai"],
    ]
    imported(world, a_csv(rows, headers))
    found = Activity.objects.order_by("pk").values_list("theme__name", "second_theme__name")
    assert list(found) == [
        ("Éclairage essai", "Voirie essai"), ("Voirie essai", "Isolement essai"),
        ("Voirie essai", None),
    ]  # fmt: skip
    told = faults(world, row(thématiques="Éclairage essai / Voirie essai / Isolement essai"))
    assert told[0][3] == "deux thématiques au plus"


# --- What is wrong with a row ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("date", "31/02/2026", "une date passée"), ("date", "", "obligatoire"),
        ("date", "19/03/2026", "à venir"), ("date", "10/03/1999", "Aucune convention"),
        ("durée", "un moment", "une durée de"), ("durée", "3", "une durée de"),
        ("durée", "25h", "une durée de"), ("durée", "", "obligatoire"),
        ("type", "Inventé", "un des huit types"), ("type", "", "obligatoire"),
        ("lieu", "Ailleurs", "un lieu du dispositif"), ("début", "25:00", "une heure"),
        ("thématiques", "Inconnue", "une ou deux thématiques"),
        ("objectif", "9.9", "un objectif par son numéro"), ("suite", "Peut-être", "une suite"),
        ("origine", "La lune", "une origine"), ("note", "x" * 4001, "4 000"),
        ("résumé", "x" * 1001, "1 000"), ("publics", "-3", "un nombre de personnes"),
        ("publics", "beaucoup", "un nombre de personnes"), ("publics", "2001", "un nombre"),
        ("publics", "1,5", "un nombre de personnes"),
    ],
)  # fmt: skip
def test_each_fault_says_where_and_what_is_expected(world, column, value, said) -> None:
    told = faults(world, GOOD, row(**{column: value}), GOOD)
    assert len(told) == 1
    line, header, shown, expected, _unknown = told[0]
    assert (line, header.split()[0].lower()) == (3, column)
    assert shown == (value if len(value) <= 80 else value[:79] + "…")
    assert said in expected
    assert not Activity.objects.exists()


def test_what_only_one_type_has_is_read_and_told(world: World) -> None:
    headers = [*HEADERS, "Motif du refus", "Forme du conflit", "Partenaire", "Accord recueilli"]
    rows = [
        [*row(type="CONF", suite="Refusé ou retiré"), "Relève d’un autre service", "navette", "", ""],
        [*row(type="RELA", suite="Relais passé"), "", "", "Ville", "Oui"],
    ]  # fmt: skip
    imported(world, a_csv(rows, headers))
    fields = ("outcome", "refusal", "conflict_form", "partner_kind", "consent")
    assert set(Activity.objects.values_list(*fields)) == {
        ("refuse", "service", "navette", "", ""), ("relais", "", "", "town", "oui"),
    }  # fmt: skip
    job = check(world, receive(world, a_csv([[*row(type="PAP"), "", "navette", "", ""]], headers)))
    assert "Ne se note que pour « Conflits »." in job.faults[0][3].replace("\u00a0", " ")


def test_a_row_tells_all_its_faults_and_a_line_of_too_many_cells_is_one(world: World) -> None:
    told = faults(world, row(date="x", durée="y", lieu="z"), [*GOOD, "de trop"])
    assert sorted((line, column) for line, column, *_ in told) == [
        (2, "Date"), (2, "Durée"), (2, "Lieu"), (3, ""),
    ]  # fmt: skip
    assert "davantage" in told[-1][3]


def test_two_places_of_one_name_are_told_apart_by_hand(world: World) -> None:
    Place.objects.create(
        programme=world.programme, slug="autre", name="Lieu hall-a essai", kind=PlaceKind.SPOT,
        parent=world.places["cote-b"],
    )  # fmt: skip
    assert faults(world, GOOD)[0][1] == "Lieu"
    imported(world, a_csv([row(lieu="hall-a")]))


def test_the_key_of_a_row_does_not_change(world: World) -> None:
    """Spelt out here: with another key, what was imported before would come in again."""
    imported(world, a_csv([row(thématiques="Éclairage essai, Voirie essai")]))
    said = [
        world.user("mediateur").pk, "2026-03-10", "PAP", world.places["hall-a"].pk, 90, "14:30:00",
        world.themes[0].pk, world.themes[1].pk, world.objectives[0].pk, "resolu", "habitant",
        "Une note", "Un résumé", [[world.audiences[0].pk, "np", 12]],
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
    namespace = uuid.UUID("5f2f63c8-6d0e-4b0c-9f4e-2f6a3c1d7b90")
    assert Activity.objects.get().uid == uuid.uuid5(namespace, f"{world.programme.pk}:{digest}:1")
