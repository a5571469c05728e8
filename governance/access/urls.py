from django.urls import path

from . import home, views

urlpatterns = [
    path("", home.home, name="home"),
    path("choisir/", home.choose_membership, name="choose_membership"),
    path("acces/", views.access_list, name="access"),
    path("acces/inviter/", views.invite, name="access_invite"),
    path("acces/<int:pk>/modifier/", views.edit, name="access_edit"),
    path("acces/<int:pk>/clore/", views.end, name="access_end"),
    path("acces/<int:pk>/relancer/", views.invite_again, name="access_invite_again"),
]
