"""« Ce que c’est devenu »: what an activity led to, told by whoever knows.

A source is a function (activity, reader) → sequels, and answers for what that reader may see. The
upper floor registers its own when it starts (`AppConfig.ready`): this one imports nothing of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from governance.models import Membership
from governance.rights import Right
from humanicite.lib.dates import day_label
from mediation.signalements.models.recipients import Reply
from mediation.signalements.models.signalements import Signalement
from mediation.situations.models import Situation

from .models import Activity


@dataclass(frozen=True)
class Sequel:
    """`label` says what it is, `text` which one; `links` are (words, address)."""

    label: str
    text: str
    url: str = ""
    tag: str = ""
    details: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


Source = Callable[[Activity, Membership], Iterable[Sequel]]
_sources: dict[str, tuple[int, Source]] = {}


def register(name: str, source: Source, *, rank: int) -> None:
    """Adds a source under a name, once however often; the lowest rank is told first."""
    _sources[name] = rank, source


def sequels_of(activity: Activity, membership: Membership) -> list[Sequel]:
    ranked = sorted(_sources.items(), key=lambda item: (item[1][0], item[0]))
    return [sequel for _, (_, source) in ranked for sequel in source(activity, membership)]


def of_the_situation(activity: Activity, membership: Membership) -> Iterable[Sequel]:
    """The situation whose thread holds the activity. Never to a partner: the line that a committee
    reads would no longer be anonymous (R25)."""
    if activity.situation_id is None or not membership.may(Right.HANDLE_SITUATIONS):
        return
    situation = Situation.objects.visible_to(membership).filter(pk=activity.situation_id).first()
    if situation is None:
        return
    today = timezone.localdate()
    details = []
    if situation.is_closed:
        details.append(f"Issue : {situation.get_outcome_display()}")
    elif situation.next_step:
        by = f", {day_label(situation.next_on, today)}" if situation.next_on else ""
        late = " (en retard)" if situation.is_late(today) else ""
        details.append(f"Prochaine étape : {situation.next_step}{by}{late}")
    details += [
        f"À l’ordre du jour : {line.committee}, {day_label(line.day, today)}"
        for line in situation.agenda_lines.select_related("committee")
    ]
    yield Sequel(
        "Situation complexe",
        str(situation),
        reverse("situation", args=[situation.pk]),
        situation.get_state_display(),
        tuple(details),
    )


register("situation", of_the_situation, rank=10)


def of_the_signalements(activity: Activity, membership: Membership) -> Iterable[Sequel]:
    """The signalements it gave rise to, and those it joined. Never to a partner: which activity a signalement
    comes from stays with the operator."""
    if not membership.may(Right.WRITE_SIGNALEMENTS):
        return
    today = timezone.localdate()
    rows = Signalement.objects.visible_to(membership).filter(
        Q(activity=activity) | Q(events__activity=activity)
    )
    for signalement in rows.distinct().prefetch_related("recipients__party").order_by("pk"):
        details = []
        if signalement.sent_on:
            details.append(f"Envoyé {day_label(signalement.sent_on, today)}")
        if signalement.is_overdue(today) and signalement.due_on:
            details.append(f"En retard : réponse attendue {day_label(signalement.due_on, today)}")
        details += [
            f"{row.party} : {Reply(row.reply).label.lower()}"
            + (f", pour {day_label(row.promised_on, today)}" if row.promised_on else "")
            for row in signalement.recipients.all()
            if row.reply and row.is_current
        ]
        label = "Signalement" if signalement.activity_id == activity.pk else "Joint au signalement"
        said = str(signalement) if signalement.number else signalement.title
        url = reverse("signalement", args=[signalement.pk])
        yield Sequel(label, said, url, signalement.get_state_display(), tuple(details))


register("signalements", of_the_signalements, rank=20)
