"""What a document is called, by its period: a synthesis is of a month, a bilan of what is longer."""

from reporting.periods import Period


def is_review(period: Period) -> bool:
    return period.kind != "mois"


def noun(period: Period) -> str:
    return "bilan" if is_review(period) else "synthèse"


def stem(period: Period) -> str:
    """Of a file's name."""
    return "bilan" if is_review(period) else "synthese"


def said(period: Period) -> str:
    """« synthèse d’octobre 2026 », « bilan de l’année 2026 »."""
    return f"{noun(period)} {period.of_label}"


def the(period: Period) -> str:
    """« la synthèse d’octobre 2026 », « le bilan de l’année 2026 »."""
    return f"{'le' if is_review(period) else 'la'} {said(period)}"


def of_the(period: Period) -> str:
    """« de la synthèse d’octobre 2026 », « du bilan de l’année 2026 »."""
    return f"{'du' if is_review(period) else 'de la'} {said(period)}"


def heading(period: Period) -> str:
    """Of the first page, above the period."""
    if not is_review(period):
        return "Synthèse mensuelle"
    return "Bilan annuel" if period.kind == "annee" else "Bilan à mi-parcours"
