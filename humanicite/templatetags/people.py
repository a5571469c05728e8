"""Who did it, as the reader's own programme calls them."""

from django import template

from governance.models import Membership, User

register = template.Library()


@register.filter
def person(key: int, membership: Membership) -> User:
    """« Médiatrice, secteur nord »: what an account, by key, is in the programme that is read."""
    return membership.people[key]
