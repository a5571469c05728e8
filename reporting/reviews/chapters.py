"""The chapters that a bilan has beside those of a synthesis: the frame, the means, what was promised
and done, years compared, what it costs, what comes next (R48, R49, R52, R81, R82)."""

from collections.abc import Callable
from datetime import date
from functools import partial

from governance.models import Convention, Party, Signatory
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import (
    UNKNOWN,
    datefr,
    euros,
    hours,
    number,
    percent,
    plural,
    signed_percent,
)
from mediation.frame.reference import ReferenceActivity
from reporting.figures.activities import Figures, change, report
from reporting.figures.commitments import Commitments, Share, commitments
from reporting.figures.hours import ProgrammeHours, programme_hours
from reporting.figures.objectives import by_objective
from reporting.figures.signalements import evening_of, signalement_figures
from reporting.periods import Period
from reporting.syntheses import findings, parts, texts
from reporting.syntheses.blocks import REVIEWS, Block, Matter, register
from reporting.syntheses.parts import Cell, Part, cell

DWELLINGS = "logements"
YEARS_COMPARED = 3
Kind = ReferenceActivity


def register_all() -> None:
    chapter = partial(Block, kinds=REVIEWS, asks_for_data=False)
    told = partial(chapter, is_analysed=False)
    register(chapter("cadre", "Le contexte et la convention", frame), rank=10)
    register(chapter("moyens", "Les moyens et les heures", means), rank=12)
    register(chapter("partenariat", "Le partenariat", partnership), rank=61)
    register(chapter("projets", "Les projets", projects), rank=62)
    register(chapter("impacts", "Les effets observés", impacts), rank=68)
    register(told("annees", "Trois années comparées", years), rank=69)
    register(told("engagements", "Engagement par engagement", promises), rank=70)
    register(told("instances", "La participation aux instances", bodies), rank=72)
    register(told("financement", "Le financement", financing), rank=74)
    register(
        told("couts", "Ce que coûte une heure", costs, asks=((DWELLINGS, "Nombre de logements"),)),
        rank=75,
    )
    register(chapter("utilite", "L’utilité sociale", usefulness), rank=76)
    register(chapter("perspectives", "Les perspectives", outlook), rank=95)


# --- The frame and the means ----------------------------------------------------------------------
def frame(matter: Matter) -> list[Part]:
    convention = matter.convention
    if convention is None:
        return [parts.paragraph("Aucune convention n’est en vigueur à la fin de la période.")]
    signed = Signatory.objects.filter(convention=convention).select_related("party")
    who = ", ".join(row.party.short_name for row in signed.order_by("rank", "pk"))
    said = (
        ("Convention", convention.name),
        ("Durée", f"du {datefr(convention.starts)} au {_until(convention.ends)}"),
        ("Parties signataires", who),
        ("Opérateur", convention.operator.name),
        ("Médiateurs", number(convention.mediators)),
        ("Norme", convention.norm),
        ("Charte", convention.charter),
        ("Périmètre de cette édition", str(matter.perimeter)),
    )
    return [parts.definitions([(term, text) for term, text in said if text])]


def _until(day: date | None) -> str:
    return datefr(day) if day else UNKNOWN


def _worked(matter: Matter) -> ProgrammeHours | None:
    """Of the convention's year that holds the end of the period: the programme's, not the perimeter's."""
    if matter.convention is None:
        return None
    return programme_hours(matter.convention, min(matter.period.last, matter.on))


def means(matter: Matter) -> list[Part]:
    worked = _worked(matter)
    if worked is None or not worked.target:
        return [parts.paragraph("Aucun volume d’heures n’est convenu pour cette période.")]
    due = worked.supervision_due
    lines = (
        ("Heures de médiation travaillées", hours(worked.work),
         "terrain, réunions, préparation, formation"),
        ("Heures convenues pour l’année", hours(worked.target),
         f"{hours(worked.year.target)} par médiateur"),
        ("Part de l’année convenue", percent(worked.used),
         f"{percent(worked.elapsed)} de l’année de convention écoulés"),
        ("Encadrement", hours(worked.supervision), f"{hours(due)} prévues" if due else ""),
    )  # fmt: skip
    caption = (
        f"Heures du service du {datefr(worked.year.first)} au {datefr(worked.until)}, tous périmètres "
        "ensemble"
    )
    columns = [("Mesure", "text"), ("Valeur", "value"), ("Précision", "note")]
    rows = [[cell(label), cell(value), cell(note)] for label, value, note in lines]
    return [parts.table("Moyens", caption, columns, rows)]


# --- What was done --------------------------------------------------------------------------------
def _of_types(matter: Matter, caption: str, name: str, kinds: tuple[Kind, ...]) -> list[Part]:
    """Activities and hours of some of the eight types, beside the year before."""
    now, before = matter.board.figures, matter.board.report.last_year
    rows: list[list[Cell]] = []
    for kind in kinds:
        tally = now.by_type.get(kind.value)
        count, minutes = (tally.count, tally.minutes) if tally else (0, 0)
        rows.append(
            [
                cell(kind.label), cell(number(count), count), cell(hours(minutes), minutes / 60),
                cell(_before(before, kind)),
            ]
        )  # fmt: skip
    columns = [
        ("Activité", "text"), ("Activités", "num"), ("Heures", "num"), ("Un an avant", "num"),
    ]  # fmt: skip
    return [parts.table(name, caption, columns, rows)]


def _before(figures: Figures | None, kind: Kind) -> str:
    if figures is None:
        return UNKNOWN
    found = figures.by_type.get(kind.value)
    return number(found.count if found else 0)


def partnership(matter: Matter) -> list[Part]:
    caption = f"Travail avec les partenaires, {matter.period.label}"
    return _of_types(matter, caption, "Partenariat", (Kind.RELA, Kind.INCO, Kind.VEIL))


def projects(matter: Matter) -> list[Part]:
    caption = f"Projets, concertation et information, {matter.period.label}"
    return _of_types(matter, caption, "Projets", (Kind.PROJ, Kind.CONC, Kind.INFO))


def impacts(matter: Matter) -> list[Part]:
    """What moved by more than chance since the year before, with the test; the rest is text."""
    if matter.board.report.last_year is None:
        return [
            parts.paragraph(
                f"Le service n’a pas de données un an avant cette période{NBSP}: aucun écart ne se "
                "mesure encore."
            )
        ]
    found = findings.find(matter)
    if not found:
        return [parts.paragraph("Aucun écart avec l’année précédente ne dépasse le hasard.")]
    return [
        parts.facts([one.text for one in found]),
        parts.paragraph(
            f"Comparaison exacte de deux comptes de Poisson, au seuil de 5{NBSP}% partagé entre tous "
            "les écarts examinés. Un écart plus grand que le hasard ne dit pas sa cause.",
            quiet=True,
        ),
    ]


def years(matter: Matter) -> list[Part]:
    """The period and the same one of the two years before."""
    shown = [matter.period]
    while len(shown) < YEARS_COMPARED:
        shown.append(shown[-1].last_year)
    earlier = report(matter.perimeter, shown[1])
    known = [matter.board.figures, matter.board.report.last_year, earlier.last_year]
    sent = [
        None if figures is None else
        signalement_figures(matter.perimeter, period, matter.on, evening_of(period, matter.on))
        for period, figures in zip(shown, known, strict=True)
    ]  # fmt: skip
    lines: list[tuple[str, list[float | None], Callable[[float], str]]] = [
        ("Activités", [None if f is None else float(f.total.count) for f in known], number),
        (
            "Heures d’activité",
            [None if f is None else float(f.total.minutes) for f in known],
            hours,
        ),
        (
            "Jours de présence",
            [None if f is None else float(len(f.days_worked)) for f in known],
            number,
        ),
        ("Signalements envoyés", [None if s is None else float(s.sent) for s in sent], number),
    ]
    rows = [_over_years(label, values, said) for label, values, said in lines]
    columns = [
        ("Mesure", "text"),
        *((_named(p), "num") for p in reversed(shown)),
        ("Sur un an", "num"),
    ]
    caption = (
        f"La plus récente à droite{NBSP}; «{NBSP}{UNKNOWN}{NBSP}»{NBSP}: rien "
        "n’était encore enregistré"
    )
    return [parts.table("Trois années", caption, columns, rows)]


def _named(period: Period) -> str:
    return str(period.year) if period.kind == "annee" else f"S{period.index} {period.year}"


def _over_years(label: str, values: list[float | None], said: Callable[[float], str]) -> list[Cell]:
    now, before = values[0], values[1]
    moved = None if now is None or before is None else change(now, before)
    shown = [
        cell(UNKNOWN) if value is None else cell(said(value), value) for value in reversed(values)
    ]
    return [cell(label), *shown, cell(UNKNOWN if moved is None else signed_percent(moved))]


# --- What was promised ----------------------------------------------------------------------------
def promises(matter: Matter) -> list[Part]:
    """Objective by objective, what was done in the perimeter."""
    done = by_objective(matter.perimeter, matter.period)
    if not done:
        return []
    rows = [
        [
            cell(f"{one.objective.axis.number}.{one.objective.number} {one.objective.text}"),
            cell(number(one.count), one.count), cell(hours(one.minutes), one.minutes / 60),
        ]
        for one in done
    ]  # fmt: skip
    caption = (
        f"Les objectifs de la convention et les activités qui y répondent, {matter.period.label}"
        f"{NBSP}; les préconisations ont leur chapitre"
    )
    columns = [("Objectif", "text"), ("Activités", "num"), ("Heures", "num")]
    return [parts.table("Engagements", caption, columns, rows, "dense")]


def bodies(matter: Matter) -> list[Part]:
    """What each party did of what all promised: the same for every edition (R55, R83–R86)."""
    found = _promised(matter)
    if not found:
        return []
    rows = [
        [
            cell(row.party.short_name), cell(_of(row.meetings)), cell(_of(row.seats)),
            cell(_of(row.actions)), cell(number(row.news), row.news),
        ]
        for row in found
    ]  # fmt: skip
    columns = [
        ("Partie", "text"), ("Séances", "num"), ("Sièges", "num"),
        ("Actions", "num"), ("Nouvelles", "num"),
    ]  # fmt: skip
    caption = (
        f"Part de chaque partie, {matter.period.label}{NBSP}: séances suivies, sièges pourvus, actions "
        "faites, sur ce qui était attendu, et nouvelles du quartier transmises"
    )
    return [parts.table("Instances", caption, columns, rows)]


def _of(share: Share) -> str:
    return f"{number(share.done)} sur {number(share.total)}" if share.total else "–"


def _promised(matter: Matter) -> list[Commitments]:
    if matter.convention is None:
        return []
    keys = Signatory.objects.filter(convention=matter.convention).values_list("party", flat=True)
    whose = {*keys, matter.convention.operator_id}
    parties = Party.objects.filter(pk__in=whose).order_by("name", "pk")
    programme = matter.perimeter.party.programme_id
    return commitments(programme, list(parties), matter.period, matter.on)


# --- Money ----------------------------------------------------------------------------------------
def financing(matter: Matter) -> list[Part]:
    convention = matter.convention
    if convention is None:
        return []
    money = convention.financing()
    rows = [
        [
            cell(line.payer.short_name), cell(line.payee.short_name),
            cell(euros(line.amount), float(line.amount)),
            cell(f"le {datefr(line.paid_on)}" if line.paid_on else "pas encore notée"),
        ]
        for line in money["lines"]
    ]  # fmt: skip
    rows.append(
        [cell("Ensemble"), cell(""), cell(euros(money["total"]), float(money["total"])), cell("")]
    )
    caption = (
        f"Contributions prévues par la convention{NBSP}; coût global net de TVA "
        f"{euros(convention.cost)}"
    )
    columns = [("Verse", "text"), ("Reçoit", "note"), ("Montant", "num"), ("Versée", "note")]
    return [parts.table("Financement", caption, columns, rows)]


def costs(matter: Matter) -> list[Part]:
    """Per hour worked and, where the number of dwellings was typed, per dwelling."""
    convention, worked = matter.convention, _worked(matter)
    if convention is None or worked is None:
        return []
    yearly = _yearly_cost(convention)
    spent = yearly * worked.elapsed
    per_hour = spent / (worked.work / 60) if worked.work else None
    typed = texts.Texts.of(matter.synthesis).one(DWELLINGS, matter.perimeter)
    dwellings = texts.number_in(typed)
    lines = (
        ("Coût d’une année de convention", euros(round(yearly)), "coût global, rapporté à douze mois"),
        ("Coût d’une heure travaillée", UNKNOWN if per_hour is None else euros(round(per_hour, 2)),
         f"{euros(round(spent))} pour {hours(worked.work)}, à la part écoulée de l’année"),
        ("Coût par logement et par an", euros(round(yearly / dwellings, 2)) if dwellings else UNKNOWN,
         plural(dwellings, "logement,logements") if dwellings else "nombre de logements non renseigné"),
    )  # fmt: skip
    columns = [("Mesure", "text"), ("Valeur", "value"), ("Précision", "note")]
    rows = [[cell(label), cell(value), cell(note)] for label, value, note in lines]
    return [parts.table("Coûts", "Rapportés à l’ensemble du service", columns, rows)]


def _yearly_cost(convention: Convention) -> float:
    days = (convention.ends - convention.starts).days + 1 if convention.ends else 365
    return float(convention.cost) * min(1.0, 365.25 / days)


# --- What it is good for --------------------------------------------------------------------------
REGISTERS: tuple[tuple[str, str, tuple[Kind, ...]], ...] = (
    ("Cohésion sociale", "projets et concertation avec les habitants", (Kind.PROJ, Kind.CONC)),
    ("Innovation et apprentissage", "information, sensibilisation et formation", (Kind.INFO,)),
    ("Tranquillité publique", "présence de proximité et conflits traités", (Kind.PAP, Kind.CONF)),
    ("Contribution économique", "veille sur le bâti et les équipements", (Kind.VEIL,)),
    ("Reconnaissance", "mises en relation, liens avec les institutions", (Kind.RELA, Kind.INCO)),
)


def usefulness(matter: Matter) -> list[Part]:
    """The five registers of social usefulness (CITER), each with the work that answers to it."""
    figures = matter.board.figures
    rows: list[list[Cell]] = []
    for register_, what, kinds in REGISTERS:
        tallies = [figures.by_type[kind.value] for kind in kinds if kind.value in figures.by_type]
        count = sum(tally.count for tally in tallies)
        minutes = sum(tally.minutes for tally in tallies)
        rows.append(
            [
                cell(register_), cell(what), cell(number(count), count),
                cell(hours(minutes), minutes / 60),
            ]
        )  # fmt: skip
    columns = [
        ("Registre", "text"),
        ("Ce qui y répond", "text"),
        ("Activités", "num"),
        ("Heures", "num"),
    ]
    caption = f"L’utilité sociale par ses cinq registres, {matter.period.label}"
    return [parts.table("Utilité sociale", caption, columns, rows)]


def outlook(matter: Matter) -> list[Part]:
    following = matter.period.next
    return [
        parts.paragraph(
            f"Ce que les parties retiennent pour la suite, {following.label}.", quiet=True
        )
    ]
