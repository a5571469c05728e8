"""Whose typing it is."""

from django.test import Client

from ...pages import text_of


def owner_of(client: Client) -> str:
    page = text_of(client.get("/activites/nouvelle/"))
    return page.split('name="_owner" value="')[1].split('"')[0]
