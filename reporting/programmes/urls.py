from django.urls import path

from . import views

urlpatterns = [path("dispositifs/", views.page, name="programmes")]
