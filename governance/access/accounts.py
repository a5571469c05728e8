"""Sign-in by invitation only (R74): the coordination makes accounts, nobody makes their own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from humanicite.lib.limits import caller

from . import limits
from .models import Membership, User

UNKNOWN = "account/email/unknown_account"


class InvitationOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_account_already_exists_mail(self, email: str) -> None:
        """No sign-up, so nobody to tell."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Each password is a try, but for the right one."""
        account = credentials.get("email", "")
        if not limits.PASSWORDS.take(request, account):
            raise ValidationError(limits.WAIT)
        user = super().authenticate(request, **credentials)
        if user is not None:
            limits.PASSWORDS.give_back(request, account)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Counted above, by account and caller together."""

    def post_login(self, request: HttpRequest, user: User, **more: object) -> HttpResponse:
        response = super().post_login(request, user, **more)
        limits.recognise(response, user.email)
        today = timezone.localdate()
        if len(accesses := Membership.open_for(user, today)) == 1:
            accesses[0].note_use(today)  # of several, the one that is chosen
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """An address without an account is told so once in a while, not whenever somebody types it."""
        if template_prefix == UNKNOWN and not (
            limits.MAILS_OF_A_CALLER.take(caller(self.request))
            and limits.MAILS_TO_NOBODY.take(email.lower())
        ):
            return
        super().send_mail(template_prefix, email, context)


def password_path(user: User) -> str:
    """The path at which an invited user sets a password; holds PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(user)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
