"""allauth's forms, in the words of the rest."""

from typing import Any

from allauth.account import forms
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.core.exceptions import ValidationError

from . import limits

ADDRESS = "Adresse électronique"
# What to do about a field that was left empty.
REQUIRED = {
    "login": "Écrivez votre adresse électronique.",
    "email": "Écrivez votre adresse électronique.",
    "password": "Écrivez votre mot de passe.",
    "oldpassword": "Écrivez votre mot de passe actuel.",
    "password1": "Choisissez un mot de passe.",
    "password2": "Écrivez-le une seconde fois.",
    "code": "Écrivez le code.",
}


class Worded:
    """Says of an empty field what to do, and calls an address what it is called elsewhere."""

    fields: dict[str, Any]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, words in REQUIRED.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = words
        for name in self.fields.keys() & {"login", "email"}:
            self.fields[name].label = ADDRESS
            self.fields[name].widget.attrs.pop("placeholder", None)


class LoginForm(Worded, forms.LoginForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ResetPasswordForm(Worded, forms.ResetPasswordForm):
    def clean_email(self) -> str:
        _take(limits.LINKS, self.cleaned_data["email"])
        return super().clean_email()


class ResetPasswordKeyForm(Worded, forms.ResetPasswordKeyForm):
    pass


class RequestLoginCodeForm(Worded, forms.RequestLoginCodeForm):
    def clean_email(self) -> str:
        _take(limits.CODES, self.cleaned_data["email"])
        return super().clean_email()


class ConfirmLoginCodeForm(Worded, forms.ConfirmLoginCodeForm):
    def clean_code(self) -> str:
        # The page counts too, in the session, which several at once read before any has written.
        session = context.request.session.session_key
        if not limits.TRIES_OF_A_CODE.take(f"{session} {self.expected_code}"):
            raise ValidationError(limits.WAIT)
        return super().clean_code()


class ChangePasswordForm(Worded, forms.ChangePasswordForm):
    pass


class SetPasswordForm(Worded, forms.SetPasswordForm):
    pass


class ReauthenticateForm(Worded, forms.ReauthenticateForm):
    pass


class SecondFactorForm(Worded, mfa.AuthenticateForm):
    pass


class SecondFactorAgainForm(Worded, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(Worded, totp.ActivateTOTPForm):
    pass


def _take(tries: limits.Tries, account: str) -> None:
    if not tries.take(context.request, account):
        raise ValidationError(limits.WAIT)
