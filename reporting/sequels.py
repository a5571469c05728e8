"""Which monthly synthesis counts an activity, for the activity's own page."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from governance.models import Coverage, Membership, Perimeter
from governance.rights import Right
from mediation.activities.sequels import Sequel
from mediation.models import Activity

from .periods import Period


def of_the_synthesis(activity: Activity, membership: Membership) -> Iterable[Sequel]:
    """The month's synthesis of each perimeter that held the activity's place on its day, among
    those that the reader sees: the PDF for who produces it, the figures for the others."""
    month = Period.holding("mois", activity.day)
    holding = Coverage.objects.on(activity.day).filter(place=activity.place_id)
    perimeters = Perimeter.objects.visible_to(membership).filter(pk__in=holding.values("perimeter"))
    links = []
    for perimeter in perimeters:
        if membership.may(Right.PRODUCE_SYNTHESES):
            address = reverse("synthesis_pdf", kwargs={"pk": perimeter.pk, "month": month.slug})
            links.append((f"{perimeter} (PDF)", address))
        elif membership.may(Right.READ_FIGURES):
            query = urlencode({"periode": month.slug, "perimetre": str(perimeter.pk)})
            links.append((f"Chiffres {month.of_label}", f"{reverse('dashboard')}?{query}"))
    if links:
        running = month.holds(timezone.localdate())
        yield Sequel(
            "Synthèse mensuelle",
            month.label.capitalize(),
            details=("Mois en cours : elle y sera comptée.",) if running else (),
            links=tuple(links),
        )
