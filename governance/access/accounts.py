"""Sign-in by invitation only (R74): the coordination makes accounts, nobody makes their own."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest
from django.urls import reverse

from .models import User


class InvitationOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_account_already_exists_mail(self, email: str) -> None:
        """No sign-up, so nobody to tell."""


def password_path(user: User) -> str:
    """The path at which an invited user sets a password; holds PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(user)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
