"""How often somebody may try to come in.

Tries are counted by account and caller together, so that whoever guesses in another's name shuts
out only themselves. An account's tries from everywhere are counted too, high enough that one caller
cannot reach it. A browser that has signed in to the account before is counted alone, so that what
strangers try never keeps its owner out.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

from humanicite.lib.limits import Limit, caller

WAIT = "Trop d’essais depuis ici. Réessayez dans quelques minutes."
COOKIE = "appareil"
SALT = "humanicite.device"
REMEMBERED = 180 * 24 * 3600  # seconds


@dataclass(frozen=True)
class Tries:
    here: Limit  # of an account from one caller, or from one browser that it knows
    of_caller: Limit  # whatever the account
    of_account: Limit  # from everywhere, but for the browsers that it knows

    def take(self, request: HttpRequest, account: str) -> bool:
        """Counts one more; False when there were too many. The same for accounts that do not exist."""
        return all(limit.take(who) for limit, who in self._counted(request, account))

    def give_back(self, request: HttpRequest, account: str) -> None:
        for limit, who in self._counted(request, account):
            limit.give_back(who)

    def _counted(self, request: HttpRequest, account: str) -> list[tuple[Limit, str]]:
        account = account.strip().lower()
        if device := _known_device(request, account):
            return [(self.here, f"{account} {device}")]
        address = caller(request)
        return [
            (self.here, f"{account} {address}"),
            (self.of_caller, address),
            (self.of_account, account),
        ]


PASSWORDS = Tries(
    Limit("passwords here", 5, 300),
    Limit("passwords of a caller", 30, 300),
    Limit("passwords of an account", 100, 3600),
)
CODES = Tries(
    Limit("codes here", 5, 900),
    Limit("codes of a caller", 40, 900),
    Limit("codes of an account", 40, 3600),
)
LINKS = Tries(
    Limit("links here", 5, 900),
    Limit("links of a caller", 40, 900),
    Limit("links of an account", 40, 3600),
)
TRIES_OF_A_CODE = Limit("tries of a code", 3, 180)  # as long as it holds
# That an address has no account here is worth one mail a day, and a few from one caller.
MAILS_TO_NOBODY = Limit("mails to nobody", 1, 86_400)
MAILS_OF_A_CALLER = Limit("mails to nobody of a caller", 5, 3600)


def recognise(response: HttpResponse, account: str) -> None:
    """Lets the browser tell, next time, that it has signed in to this account before."""
    value = signing.dumps([_name(account.lower()), get_random_string(16)], salt=SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=REMEMBERED,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _known_device(request: HttpRequest, account: str) -> str:
    """What tells this browser from others, when it is one of the account's; otherwise nothing."""
    try:
        name, device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=REMEMBERED)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if name == _name(account) else ""


def _name(account: str) -> str:
    return salted_hmac(SALT, account).hexdigest()
