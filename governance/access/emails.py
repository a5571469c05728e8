"""Mail about access. Its row is written with the access; it leaves after the commit (lib.mail)."""

from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from .accounts import password_path
from .models import Membership


def send_invitation(membership: Membership, request: HttpRequest) -> None:
    """Tells somebody which access they have and how to come in (R74).

    Without a password yet: a link to set one; otherwise the sign-in page.
    """
    user = membership.user
    context = {
        "membership": membership,
        "link": request.build_absolute_uri(password_path(user))
        if not user.last_login
        else request.build_absolute_uri(reverse("account_login")),
        "first_time": not user.last_login,
    }
    subject = f"Votre accès à Humanicité : {membership.programme}"
    subject = " ".join(subject.split())
    body = render_to_string("access/emails/invitation.txt", context)
    send_mail(subject, body, None, [user.email])
