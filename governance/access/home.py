"""Each role's first page, and the choice of a membership by those who have several."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from governance.coming.rows import coming
from governance.rights import Right, Role
from humanicite.lib.http import reads, signed_in

from .middleware import SESSION_KEY, available, choose
from .requests import Request

HOMES = {
    Role.MEDIATEUR: "today",
    Role.COORDINATION: "steering",
    Role.PARTENAIRE: "dashboard",
}


@reads(Right.ENTER)
def home(request: Request) -> HttpResponse:
    """The role's own page; an invited stakeholder has this one."""
    role = Role(request.membership.role)
    if role in HOMES:
        return redirect(HOMES[role])
    context = {"coming": coming(request.membership, timezone.localdate())}
    return render(request, "access/invite.html", context)


@signed_in("before a membership is chosen there is none")
def choose_membership(request: Request) -> HttpResponse:
    """A user of several programmes, or in several capacities, says which one is meant."""
    memberships = available(request)
    if request.method == "POST":
        wanted = request.POST.get("membership", "")
        if chosen := next((row for row in memberships if str(row.pk) == wanted), None):
            request.session[SESSION_KEY] = chosen.pk
            chosen.note_use(timezone.localdate())
            target = request.POST.get("next", "")
            safe = url_has_allowed_host_and_scheme(
                target, {request.get_host()}, request.is_secure()
            )
            if safe and target.startswith("/"):
                return HttpResponseRedirect(target)
            return redirect("home")
    status = 200 if memberships else 403
    operated = {row.programme_id for row in memberships if row.is_operator}
    context = {
        "memberships": memberships,
        "chosen": choose(request),
        "may_compare": len(operated) > 1,
    }
    return render(request, "access/choose.html", context, status=status)
