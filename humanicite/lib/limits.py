"""How often somebody may ask, counted over the processes in the cache that they share."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac


class Limit:
    """At most `most` in each window of `seconds`, however many ask at once."""

    def __init__(self, name: str, most: int, seconds: int) -> None:
        self.name, self.most, self.seconds = name, most, seconds

    def is_reached(self, who: str) -> bool:
        return bool(cache.get(self._key(who), 0) >= self.most)

    def count(self, who: str, by: int = 1) -> int:
        """Counts one more, and answers how many it makes."""
        key = self._key(who)
        while True:
            cache.add(key, 0, self.seconds)
            try:
                return cache.incr(key, by)
            except ValueError:  # thrown out between the two, by a cache that is full
                continue

    def take(self, who: str) -> bool:
        """Counts one more, unless the limit is reached."""
        return not self.is_reached(who) and self.count(who) <= self.most

    def give_back(self, who: str) -> None:
        """What was taken was no try after all."""
        self.count(who, -1)

    @property
    def retry_after(self) -> int:
        """Seconds until the window ends."""
        return self.seconds - int(timezone.now().timestamp()) % self.seconds

    def _key(self, who: str) -> str:
        window = int(timezone.now().timestamp()) // self.seconds
        # The cache holds no address and no key of a row.
        return f"limit:{salted_hmac(self.name, who).hexdigest()}:{window}"


def caller(request: HttpRequest) -> str:
    """The address that asks, as the proxies that are trusted tell it; of IPv6 its network (/64),
    for each subscriber has all the addresses of one. allauth counts by the same."""
    try:
        told = str(get_adapter().get_client_ip(request))
        address = ipaddress.ip_address(told)
    except PermissionDenied:
        return "unknown"
    except ValueError:
        return told
    if isinstance(address, ipaddress.IPv4Address):
        return told
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address.packed, 64), strict=False))
