from django.urls import path

from . import views

urlpatterns = [path("engagements/", views.page, name="commitments")]
