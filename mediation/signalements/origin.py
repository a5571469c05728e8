"""From which activity or situation a signalement is written."""

from django.http import QueryDict

from governance.models import Membership
from humanicite.lib.params import number_in
from mediation.activities.models import Activity, Review
from mediation.situations.models import Situation


def started_from(activity: Activity | None, situation: Situation | None) -> dict[str, object]:
    if activity is None:
        return {"place": situation.place_id} if situation else {}
    return {
        "title": activity.theme.name if activity.theme else activity.reference.short,
        "place": activity.place_id,
        "theme": activity.theme_id,
        "observed_on": activity.day,
        # The summary is what partners may read, once it names nobody.
        "description": "" if activity.review == Review.PENDING else activity.summary,
    }


def activity_of(given: QueryDict, membership: Membership) -> Activity | None:
    rows = Activity.objects.visible_to(membership).select_related("theme", "place", "situation")
    found: Activity | None = rows.filter(pk=number_in(given.get("activite"))).first()
    return found


def situation_of(given: QueryDict, membership: Membership) -> Situation | None:
    rows = Situation.objects.visible_to(membership).open()
    found: Situation | None = rows.filter(pk=number_in(given.get("situation"))).first()
    return found
