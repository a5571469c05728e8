"""Links to lists, made by the filters that read them."""

from django import template

from humanicite.lib.narrowing import Narrowing

register = template.Library()


@register.simple_tag
def filtered(route: str, **filters: object) -> str:
    """The address of a list, narrowed: `{% filtered "signalements" onglet="tous" retard=True %}`.

    A filter that the list does not have, or a value it never has, fails the page.
    """
    return Narrowing.of_route[route].address(**filters)
