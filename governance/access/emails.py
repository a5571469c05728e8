"""Mail about access. Its row is written with the access; it leaves after the commit (lib.mail)."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from humanicite.templatetags.french import datefr

from .accounts import password_path
from .models import Membership


def send_invitation(membership: Membership, request: HttpRequest) -> None:
    """Tells somebody which access they have and how to come in (R74).

    Without a password yet: a link to set one; otherwise the sign-in page.
    """
    user = membership.user
    now = timezone.now()
    membership.note_invitation(now)
    context = {
        "membership": membership,
        "link": request.build_absolute_uri(password_path(user))
        if not user.last_login
        else request.build_absolute_uri(reverse("account_login")),
        "days": f"à partir du {datefr(membership.starts)}"
        + (f", jusqu’au {datefr(membership.ends)}" if membership.ends else ""),
        "first_time": not user.last_login,
        "until": timezone.localtime(now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)),
    }
    subject = f"Votre accès à Humanicité : {membership.programme}"
    subject = " ".join(subject.split())
    body = render_to_string("access/emails/invitation.txt", context)
    send_mail(subject, body, None, [user.email])
