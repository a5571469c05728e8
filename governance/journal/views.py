"""The audit trail: who did what, when, to which row."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.models import Membership
from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib.http import reads

from .filters import JournalFilter
from .models import JournalEntry
from .tables import JournalTable


@reads(Right.READ_JOURNAL)
def journal(request: Request) -> HttpResponse:
    membership = request.membership
    found = JournalFilter(
        request.GET, membership=membership, today=timezone.localdate(), people=_people(membership)
    )
    rows = found.narrow(JournalEntry.objects.visible_to(membership))
    table = JournalTable(rows, asked=request.GET)
    found.kept = table.kept
    return render(request, "journal/journal.html", {"filter": found, "table": table})


def _people(membership: Membership) -> dict[int, object]:
    """Everybody who has or had an access, by key, in alphabetical order."""
    return {user.pk: user for user in membership.people.sorted()}
