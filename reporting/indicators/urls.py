from django.urls import path

from . import views

urlpatterns = [
    path("indicateurs/", views.indicators, name="indicators"),
    path("indicateurs/cles/", views.key_page, name="key_indicators"),
    path("indicateurs/catalogue/", views.catalogue, name="indicator_catalogue"),
    path("indicateurs/nouveau/", views.create, name="indicator_new"),
    path("indicateurs/valeurs/<int:pk>/", views.correct_value, name="indicator_value_edit"),
    path("indicateurs/<int:pk>/", views.indicator_page, name="indicator"),
    path("indicateurs/<int:pk>/modifier/", views.propose, name="indicator_edit"),
    path("indicateurs/<int:pk>/decision/", views.settle, name="indicator_settle"),
    path("indicateurs/<int:pk>/retirer/", views.retire, name="indicator_retire"),
    path("indicateurs/<int:pk>/reprendre/", views.take_up, name="indicator_take_up"),
    path("indicateurs/<int:pk>/valeur/", views.enter_value, name="indicator_value_new"),
    path("indicateurs/<int:pk>/ecart/", views.explain, name="indicator_explain"),
]
