from django.urls import path

from . import views

urlpatterns = [path("observatoire/", views.page, name="observatory")]
