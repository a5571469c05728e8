"""Sign-in by invitation only (R74): the coordination makes accounts, nobody makes their own."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest

from .models import User


class InvitationOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_account_already_exists_mail(self, email: str) -> None:
        """No sign-up, so nobody to tell."""


def password_link(user: User, request: HttpRequest) -> str:
    """The address at which an invited user sets a password; holds PASSWORD_RESET_TIMEOUT."""
    adapter = InvitationOnly(request)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return adapter.get_reset_password_from_key_url(key)
