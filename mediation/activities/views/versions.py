"""Pages of former versions: what was deleted, and going back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict
from mediation.frame.reference import ReferenceActivity
from mediation.history.back import NothingToUndo
from mediation.history.messages import CHANGED, moment_of, show_messages, show_refusal

from .. import undo
from ..deleted import DELETED_DAYS, deleted_activities
from ..models import Activity
from ..rows import said
from .entry import day_url

PAGE = 25


@reads(Right.LOG_ACTIVITIES)
def deleted(request: Request) -> HttpResponse:
    """What may still be brought back: one's own, or everybody's for who corrects."""
    membership = request.membership
    rows = deleted_activities(membership, timezone.now())
    page = page_of(rows, request.GET.get("page"), PAGE)
    context = {
        "deleted": [(row, ReferenceActivity(row.type)) for row in page.rows],
        "of_everybody": membership.may(Right.CORRECT_ACTIVITIES),
        "days": DELETED_DAYS,
        "page": page,
    }
    return render(request, "activities/deleted.html", context)


@writes(Right.LOG_ACTIVITIES, of=Activity.history.model, confirm=False)
def return_activity(request: Request, version: Any) -> HttpResponse:
    """Back to one version in one click; for a deleted activity, back to life."""
    membership: Membership = request.membership
    try:
        back = undo.return_activity(
            version=version,
            read_version=version_in(request.POST.get("version")),
            by=membership,
        )
    except NothingToUndo as already:
        messages.info(request, "C’est déjà fait : l’activité dit déjà cela.")
        return _to_activity(already.subject)
    except undo.LoggedAnew as anew:
        messages.info(request, "Cette activité a été enregistrée de nouveau : la voici.")
        return _to_activity(anew.activity)
    except Conflict as conflict:
        messages.warning(request, f"Cette activité a été {CHANGED}")
        return _to_activity(conflict.row) if conflict.row else redirect("activities_deleted")
    except ValidationError as error:
        show_refusal(request, error)
        known = Activity.objects.filter(pk=version.id).first()
        return _to_activity(known) if known else redirect("activities_deleted")
    if back.restored:
        messages.success(request, f"Rétabli : {said(back.subject)}.")
    else:
        messages.success(request, f"Revenu à l’état du {moment_of(version)}.")
    show_messages(request, back)
    if back.restored and back.subject.author_id == membership.user_id:
        return redirect(day_url(back.subject.day))
    return _to_activity(back.subject)


def _to_activity(activity: Model) -> HttpResponse:
    return redirect("activity", pk=activity.pk)
