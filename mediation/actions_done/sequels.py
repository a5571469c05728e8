"""An activity, a signalement and the action that it did, each told on the page of the other."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from governance.decisions.proofs import Proof
from governance.models import ActionItem, Decision, Membership
from governance.rights import Right
from humanicite.lib.dates import day_label
from mediation.activities.models import Activity
from mediation.activities.sequels import Sequel
from mediation.signalements.models.signalements import Signalement

from .models import ActionLink


def proofs(action: ActionItem, reader: Membership) -> Iterable[Proof]:
    """What did an action, as far as its reader may open it."""
    links = ActionLink.objects.filter(action=action)
    activities = Activity.objects.visible_to(reader).filter(action_links__in=links)
    if reader.may(Right.READ_ACTIVITIES):
        for activity in activities.select_related("place").order_by("day", "pk"):
            said = f"{activity.reference.short}, {activity.place}, {activity.day:%d/%m/%Y}"
            yield Proof("Activité", said, reverse("activity", args=[activity.pk]))
    signalements = Signalement.objects.visible_to(reader).filter(action_links__in=links)
    for signalement in signalements.order_by("pk"):
        said = f"{signalement.reference} {signalement.title}".strip()
        yield Proof("Signalement", said, reverse("signalement", args=[signalement.pk]))


def of_the_actions(activity: Activity, membership: Membership) -> Iterable[Sequel]:
    """The decided actions that an activity did, for its own page."""
    if not membership.may(Right.READ_MEETINGS):
        return
    today = timezone.localdate()
    rows = ActionItem.objects.visible_to(membership).filter(links__activity=activity)
    rows = rows.select_related("item__meeting__committee", "party").distinct().order_by("pk")
    for action in rows:
        meeting = action.item.meeting
        decisions = Decision.objects.visible_to(membership).filter(item=action.item_id)
        yield Sequel(
            "Action décidée",
            action.text,
            reverse("action", args=[action.pk]),
            action.get_state_display(),
            (f"{meeting.committee}, {day_label(meeting.day, today)}",),
            tuple(
                (f"Décision {row.reference}", reverse("decision", args=[row.pk]))
                for row in decisions
                if row.number
            ),
        )
