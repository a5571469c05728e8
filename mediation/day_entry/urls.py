from django.urls import path

from . import views

urlpatterns = [
    path("aujourdhui/journee/", views.day_entry, name="day_entry"),
]
