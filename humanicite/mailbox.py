"""The demonstration's mailbox: every mail that was sent, to follow its links without a mail server.

It does not exist outside the demonstration, whose data is invented and whose passwords are shown.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe
from post_office.models import STATUS, Attachment, Email

from .lib.http import View, public
from .lib.tables import Column, Table

# A mail's own styles, no script, no picture from elsewhere; its links lead out of the frame.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "img-src": ["'none'"],
    "form-action": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'self'"],
}


def _demo_only(view: Callable[..., Any]) -> View:
    @wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> Any:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return public("invented mails, in the demonstration only")(require_safe(never_cache(inner)))


class MailTable(Table):
    caption = "Courriels"
    first_order = "-ecrit"
    size = 50

    objet = Column("Objet", "subject")
    destinataire = Column("À", "to", orderable=False)
    ecrit = Column("Écrit", "created", kind="moment", initial_sort_descending=True)
    etat = Column("État", "status")

    def render_objet(self, record: Email) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("demo_mail", args=[record.pk]), record.subject
        )

    def render_destinataire(self, record: Email) -> str:
        return ", ".join(record.to)

    def render_etat(self, record: Email) -> str:
        return "Remis" if record.status == STATUS.sent else "En file"


@_demo_only
def mails(request: HttpRequest) -> HttpResponse:
    rows = Email.objects.defer("message", "html_message")
    return render(request, "demo/mails.html", {"table": MailTable(rows, asked=request.GET)})


@_demo_only
def mail(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(Email, pk=number)
    return render(request, "demo/mail.html", {"mail": row, "files": row.attachments.order_by("pk")})


@_demo_only
@xframe_options_sameorigin
@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]  # its stubs know lists alone
def mail_html(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(Email.objects.exclude(html_message=""), pk=number)
    return HttpResponse(row.html_message.replace("<head>", '<head><base target="_top">', 1))


@_demo_only
def mail_file(request: HttpRequest, number: int, file: int) -> FileResponse:
    row = get_object_or_404(Attachment, pk=file, emails=number)
    try:
        content = row.file.open()
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, content_type=row.mimetype, filename=row.name)
