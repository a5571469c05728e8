from django.urls import path

from .access import home
from .access import views as access
from .conventions import views as convention
from .journal import views

urlpatterns = [
    path("", home.home, name="home"),
    path("choisir/", home.choose_membership, name="choose_membership"),
    path("convention/", convention.convention, name="convention"),
    path("convention/parties/<int:pk>/", convention.edit_party, name="party_edit"),
    path("acces/", access.access_list, name="access"),
    path("acces/inviter/", access.invite, name="access_invite"),
    path("acces/<int:pk>/clore/", access.end, name="access_end"),
    path("acces/<int:pk>/relancer/", access.invite_again, name="access_invite_again"),
    path("journal/", views.journal, name="journal"),
]
