"""The blocks that every synthesis has: activities, axes, places and themes, signalements, method."""

from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import datefr, hours, number, plural
from mediation.models import Signalement
from reporting.dashboards.board import Line
from reporting.indicators.blocks import INDICATORS, TITLE, indicator_parts
from reporting.recommendations.blocks import RECOMMENDATIONS, recommendation_parts

from . import bodies, parts, titles
from .blocks import Block, Matter, register
from .parts import Cell, Part, cell

SETTLED_LATER = (
    "Connus quelques jours après la fin du mois, et seulement s’ils ne désignent personne."
)


def register_all() -> None:
    register(Block("activites", "Activités", activities), rank=20)
    register(Block("axes", "Axes et publics", axes_and_audiences), rank=30)
    register(Block("lieux", "Lieux et thématiques", places_and_themes), rank=40)
    register(Block("signalements", "Signalements", signalements, asks_for_data=False), rank=50)
    register(
        Block(
            INDICATORS,
            TITLE,
            indicators_and_roadmap,
            asks_for_data=False,
        ),
        rank=60,
    )
    register(
        Block(
            RECOMMENDATIONS,
            "Préconisations",
            lambda matter: recommendation_parts(matter.perimeter, matter.period),
            is_analysed=False,
            asks_for_data=False,
        ),
        rank=80,
    )
    bodies.register_all()
    register(Block("methode", "Méthode", method, is_analysed=False, asks_for_data=False), rank=100)


def _span(matter: Matter) -> str:
    return "la période" if titles.is_review(matter.period) else "le mois"


def _compared(matter: Matter) -> str:
    if titles.is_review(matter.period):
        return "la période précédente, et la même un an avant"
    return "le mois précédent et le même mois de l’année précédente"


def _line(line: Line, *, with_bar: bool = False) -> list[Cell]:
    first = cell(line.label, level=line.level) if line.level else cell(line.label)
    drawn = [parts.bar(line.width)] if with_bar else []
    share = None if line.share is None else round(line.share, 4)
    counted = [cell(hours(line.minutes), line.minutes / 60), cell(number(line.count), line.count)]
    return [first, *drawn, cell(line.said_share, share), *counted]


_COUNTED = [("Part", "num"), ("Heures", "num"), ("Activités", "num")]


def indicators_and_roadmap(matter: Matter) -> list[Part]:
    known = indicator_parts(matter.perimeter, matter.period, matter.on)
    return [*known, *bodies.roadmap(matter)]


def activities(matter: Matter) -> list[Part]:
    board = matter.board
    norm = matter.convention.norm if matter.convention else ""
    of_the_norm = f" de la norme {norm}" if norm else ""
    caption = (
        f"Les huit activités de référence{of_the_norm}, {matter.period.label}{NBSP}; "
        f"{plural(board.figures.total.count, 'activité,activités')}"
    )
    columns = [("Activité", "text"), ("Part des heures, sur 100", "bar"), *_COUNTED]
    rows = [_line(line, with_bar=True) for line in board.types]
    return [parts.table("Activités", caption, columns, rows)]


def axes_and_audiences(matter: Matter) -> list[Part]:
    board = matter.board
    made = [
        parts.table(
            "Axes",
            f"Les axes de la convention, {matter.period.label}",
            [("Axe", "text"), *_COUNTED],
            [_line(line) for line in board.axes],
            "plain",
        ),
        parts.heading("Activités par axe, sur treize mois"),
        parts.lines(
            "Activités par axe, sur treize mois",
            board.axis_lines,
            f"Tous les graphiques ont la même échelle{NBSP}; activités enregistrées du périmètre, "
            f"{board.report.months[0].label} à {matter.period.label}.",
        ),
        parts.heading("Publics rencontrés"),
    ]
    if board.audiences:
        rows = [
            [
                cell(one.label),
                parts.bar(one.width),
                cell(one.detail),
                cell(one.text, one.value),
            ]
            for one in board.audiences
        ]
        columns = [
            ("Public", "text"),
            ("Part des contacts, sur 100", "bar"),
            ("Part", "num"),
            ("Contacts", "num"),
        ]
        caption = (
            f"Contacts additionnés{NBSP}: une même personne peut être rencontrée plusieurs fois"
        )
        made.append(parts.table("Publics", caption, columns, rows))
    elif board.hides_people:
        made.append(parts.paragraph(SETTLED_LATER))
    else:
        made.append(parts.paragraph(f"Aucun public compté sur {_span(matter)}."))
    return made


def places_and_themes(matter: Matter) -> list[Part]:
    board = matter.board
    made = [
        parts.table(
            "Lieux",
            f"Activités et heures par lieu{NBSP}; «{NBSP}ensemble{NBSP}»{NBSP}: le travail mené pour "
            "tout le quartier ou toute une commune",
            [("Lieu", "text"), *_COUNTED],
            [_line(line) for line in board.places],
            "dense",
        )
    ]
    matrix = board.matrix
    if matrix["rows"]:
        most = (
            f"{NBSP}; les {len(matrix['themes'])} thématiques les plus fréquentes"
            if matrix["hidden"]
            else ""
        )
        rows = [
            [cell(place), *(cell(number(count), count, shade=shade) for count, shade, _ in cells)]
            for place, cells in matrix["rows"]
        ]
        columns = [("Lieu", "text"), *((theme, "cell") for theme in matrix["themes"])]
        caption = f"Nombre d’activités par lieu et thématique{most}"
        made += [
            parts.heading("Où et sur quoi"),
            parts.table("Lieux et thématiques", caption, columns, rows, "matrix"),
        ]
    rows = [
        [
            cell(line.label),
            cell(number(line.count), line.count),
            cell(hours(line.minutes), line.minutes / 60),
        ]
        for line in board.themes
    ]
    caption = (
        "Par nombre d’activités. Une activité peut relever de deux thématiques"
        f"{NBSP}: les lignes ne s’additionnent pas"
    )
    columns = [("Thématique", "text"), ("Activités", "num"), ("Heures", "num")]
    made += [
        parts.heading("Toutes les thématiques"),
        parts.table("Thématiques", caption, columns, rows, "dense"),
    ]
    return made


def signalements(matter: Matter) -> list[Part]:
    board = matter.signalements
    if not board.has_data:
        made = [parts.paragraph(f"Aucun signalement envoyé sur {_span(matter)}.")]
    else:
        figures = board.figures
        caption = (
            f"Ce que sont devenus au {datefr(figures.on)} les signalements envoyés en "
            f"{matter.period.label}"
        )
        if board.hidden:
            caption += f", {board.hidden}"
        if figures.cancelled:
            caption += f"{NBSP}; sans {plural(figures.cancelled, 'annulé,annulés')}"
        columns = [
            ("Étape", "text"),
            ("Part des envoyés, sur 100", "bar"),
            ("Signalements", "num"),
        ]
        rows = [
            [cell(one.label), parts.bar(one.width), cell(one.text, one.value)]
            for one in board.course
        ]
        measures = [[cell(line.label), cell(line.value), cell(line.note)] for line in board.lines]
        made = [
            parts.table("Signalements", caption, columns, rows),
            parts.heading("Délais et suites"),
            parts.table(
                "Délais et suites",
                "Mesures sur les mêmes signalements",
                [("Mesure", "text"), ("Valeur", "value"), ("Précision", "note")],
                measures,
                "dense",
            ),
        ]
    return [*made, *_long_open(matter)]


def _long_open(matter: Matter) -> list[Part]:
    late = matter.long_open
    made = [parts.heading("Ouverts depuis plus de quinze jours")]
    if not late.rows:
        return [*made, parts.paragraph("Aucun.")]

    def row(signalement: Signalement) -> list[Cell]:
        sent = datefr(signalement.sent_at.date()) if signalement.sent_at else ""
        said = (str(signalement), str(signalement.place), sent, signalement.get_state_display())
        return [cell(text) for text in said]

    caption = f"Parmi les signalements envoyés en {matter.period.label}, sans les confidentiels"
    columns = [
        ("Signalement", "text"),
        ("Lieu", "note"),
        ("Envoyé le", "note"),
        ("État", "note"),
    ]
    made.append(parts.table("Ouverts", caption, columns, [row(one) for one in late.rows], "dense"))
    if late.more:
        made.append(parts.paragraph(f"Et {plural(late.more, 'autre,autres')}."))
    return made


def method(matter: Matter) -> list[Part]:
    board = matter.board
    without = plural(board.figures.without_start, "activité,activités")
    themeless = plural(board.themeless, "activité,activités")
    return [
        parts.definitions(
            [
                (
                    "Périmètre",
                    f"{matter.perimeter}. Le travail mené pour le quartier entier concerne chaque "
                    f"commune{NBSP}: il compte dans chaque périmètre, qui ne s’additionnent donc pas.",
                ),
                (
                    "Activité",
                    "Une action du médiateur, enregistrée à sa date, classée selon les huit activités "
                    "de référence de la médiation sociale. Les durées sont additionnées, puis "
                    "arrondies.",
                ),
                (
                    "Contacts",
                    "Nombre de personnes rencontrées, additionné d’une activité à l’autre. Ce ne sont "
                    f"pas des personnes distinctes{NBSP}; aucun nom n’est enregistré. Nombres arrondis "
                    "à 5, arrêtés quelques jours après la fin du mois, masqués s’ils désignaient "
                    "quelqu’un.",
                ),
                (
                    "Signalements",
                    "Ceux qui sont partis dans la période, et ce qu’ils étaient devenus à la date dite. La "
                    "part résolue compte ceux qui ont été vérifiés sur place, sur les envoyés moins les "
                    "annulés et les réorientés. L’accusé se mesure en jours ouvrés, la clôture en "
                    "jours.",
                ),
                (
                    "Comparaisons",
                    f"Avec {_compared(matter)}. "
                    f"«{NBSP}n/d{NBSP}»{NBSP}: la donnée n’est pas connue. Un écart n’est dit que s’il "
                    "dépasse le hasard (comparaison exacte de deux comptes de Poisson selon leurs "
                    f"jours, au seuil de 5{NBSP}%, partagé entre les écarts examinés){NBSP}; sinon "
                    f"«{NBSP}stable{NBSP}».",
                ),
                (
                    "Complétude",
                    f"{without} sans heure de début{NBSP}; {themeless} sans thématique.",
                ),
                (
                    "Données",
                    "Les tableaux de cette édition sont joints au document, aux formats CSV et JSON.",
                ),
            ]
        )
    ]
