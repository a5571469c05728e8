"""When a form's token no longer fits (another tab signed in meanwhile), nothing typed is lost."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve

from humanicite.lib import resume


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Shows the form again, filled in, when the POST demonstrably came from our own pages.

    Nothing is saved: the person reads the form and sends it. Anything else is refused.
    """
    same_origin = request.headers.get("Sec-Fetch-Site") == "same-origin"
    access = getattr(resolve(request.path).func, "access", None)
    if same_origin and access and not access.confirm:
        messages.warning(request, "Votre session a changé entre-temps : rien n’a été fait.")
        return redirect("home")
    if same_origin and resume.keep(request):
        messages.warning(
            request,
            "Votre session a changé entre-temps. Voici ce que vous aviez saisi : "
            "vérifiez, puis enregistrez de nouveau.",
        )
        return redirect(request.path)
    return render(request, "403_csrf.html", status=403)
