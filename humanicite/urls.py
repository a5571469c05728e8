"""Every route of the project. What is not listed here does not exist.

allauth's views are taken one by one, each with the reason why it needs no membership.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path
from django.views.generic import TemplateView

from humanicite import about, mailbox
from humanicite.lib.http import public, signed_in

_sign_in = public("how one comes in")
_lost = public("for somebody who cannot come in yet")
_own = signed_in("one's own account, whatever the membership")

handler400 = "humanicite.faults.bad_request"
handler500 = "humanicite.faults.server_error"
urlpatterns = [
    path("", include("governance.urls")),
    path("", include("mediation.urls")),
    path("", include("reporting.urls")),
    path("demo/courriels/", mailbox.mails, name="demo_mails"),
    path("demo/courriels/<int:number>/", mailbox.mail, name="demo_mail"),
    path("demo/courriels/<int:number>/html/", mailbox.mail_html, name="demo_mail_html"),
    path("demo/courriels/<int:number>/<int:file>/", mailbox.mail_file, name="demo_mail_file"),
    path("aide/", about.help_page, name="help"),
    path("aide/chiffres/", about.figures_help, name="figures_help"),
    path("accessibilite/", about.accessibility, name="accessibility"),
    path("donnees-personnelles/", about.personal_data, name="personal_data"),
    path("connexion/", _sign_in(account.login), name="account_login"),
    path(
        "connexion/code/", _sign_in(account.request_login_code), name="account_request_login_code"
    ),
    path(
        "connexion/code/saisir/",
        _sign_in(account.confirm_login_code),
        name="account_confirm_login_code",
    ),
    path("connexion/second-facteur/", _sign_in(mfa.authenticate), name="mfa_authenticate"),
    path(
        "deconnexion/",
        public("signing out is always possible")(account.logout),
        name="account_logout",
    ),
    path("connexion/inactif/", _lost(account.account_inactive), name="account_inactive"),
    path(
        "acces-sur-invitation/",
        _lost(TemplateView.as_view(template_name="account/signup_closed.html")),
        name="account_signup",
    ),
    path("mot-de-passe/oublie/", _lost(account.password_reset), name="account_reset_password"),
    path(
        "mot-de-passe/oublie/envoye/",
        _lost(account.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _lost(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/enregistre/",
        _lost(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("compte/", _own(mfa.index), name="mfa_index"),
    path("compte/mot-de-passe/", _own(account.password_change), name="account_change_password"),
    path("compte/mot-de-passe/definir/", _own(account.password_set), name="account_set_password"),
    path("compte/confirmer/", _own(account.reauthenticate), name="account_reauthenticate"),
    path("compte/confirmer/facteur/", _own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("compte/totp/activer/", _own(totp.activate_totp), name="mfa_activate_totp"),
    path("compte/totp/retirer/", _own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("compte/secours/", _own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "compte/secours/renouveler/",
        _own(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "compte/secours/telecharger/",
        _own(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
