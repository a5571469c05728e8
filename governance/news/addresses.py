"""The signed address at which a programme takes news by mail (R83)."""

import re
from email.utils import parseaddr

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "governance.news.address"


def news_address(programme: int) -> str:
    """« reponses+info-3-9f86d081884c7d65…@… », in small letters as some servers write them; ''
    when the service takes no mail."""
    local, _, host = settings.REPLY_ADDRESS.rpartition("@")
    return f"{local}+info-{programme}-{_signature(programme)}@{host}" if local else ""


def programme_of_address(address: str) -> int | None:
    """Whose address this is; None for what is no address of ours."""
    local, _, host = settings.REPLY_ADDRESS.lower().rpartition("@")
    given, _, at = parseaddr(address)[1].lower().rpartition("@")
    tag = re.fullmatch(rf"{re.escape(local)}\+info-(\d{{1,18}})-([0-9a-f]{{20}})", given, re.ASCII)
    if not local or at != host or tag is None:
        return None
    key = int(tag[1])
    return key if constant_time_compare(tag[2], _signature(key)) else None


def _signature(programme: int) -> str:
    return salted_hmac(SALT, str(programme), algorithm="sha256").hexdigest()[:20]
