from django.urls import path

from . import views

urlpatterns = [
    path("convention/", views.convention, name="convention"),
    path("convention/parties/<int:pk>/", views.edit_party, name="party_edit"),
]
