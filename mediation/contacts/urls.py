from django.urls import path

from . import views

urlpatterns = [
    path("convention/interlocuteurs/", views.contacts, name="contacts"),
    path("convention/interlocuteurs/nouveau/", views.create, name="contact_new"),
    path("convention/interlocuteurs/<int:pk>/", views.contact, name="contact"),
    path("convention/interlocuteurs/<int:pk>/modifier/", views.edit, name="contact_edit"),
    path("convention/interlocuteurs/<int:pk>/fin/", views.end, name="contact_end"),
    path("convention/interlocuteurs/<int:pk>/adresse/", views.trust, name="contact_trust"),
    path(
        "convention/interlocuteurs/<int:pk>/renvoyer/", views.send_again, name="contact_send_again"
    ),
]
