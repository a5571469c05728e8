"""allauth's forms, in the words of the rest."""

from typing import Any

from allauth.account import forms
from allauth.core import context
from django.core.exceptions import ValidationError

from . import limits

ADDRESS = "Adresse électronique"


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _address(self.fields["login"])
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ResetPasswordForm(forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _address(self.fields["email"])

    def clean_email(self) -> str:
        _take(limits.LINKS, self.cleaned_data["email"])
        return super().clean_email()


class RequestLoginCodeForm(forms.RequestLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _address(self.fields["email"])

    def clean_email(self) -> str:
        _take(limits.CODES, self.cleaned_data["email"])
        return super().clean_email()


class ConfirmLoginCodeForm(forms.ConfirmLoginCodeForm):
    def clean_code(self) -> str:
        # The page counts too, in the session, which several at once read before any has written.
        session = context.request.session.session_key
        if not limits.TRIES_OF_A_CODE.take(f"{session} {self.expected_code}"):
            raise ValidationError(limits.WAIT)
        return super().clean_code()


def _take(tries: limits.Tries, account: str) -> None:
    if not tries.take(context.request, account):
        raise ValidationError(limits.WAIT)


def _address(field: Any) -> None:
    field.label = ADDRESS
    field.widget.attrs.pop("placeholder", None)
