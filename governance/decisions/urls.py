from django.urls import path

from .links import DONE
from .views import by_link, lists, pages

urlpatterns = [
    path("decisions/", lists.decisions, name="decisions"),
    path("decisions/actions/", lists.actions, name="actions"),
    path("decisions/annee/<int:year>.pdf", lists.year_paper, name="decisions_year_pdf"),
    path("decisions/<int:pk>/", pages.decision, name="decision"),
    path("decisions/actions/<int:pk>/", pages.action, name="action"),
    path("decisions/actions/<int:pk>/suite/", pages.settle, name="action_settle"),
    path("decisions/actions/<int:pk>/date/", pages.postpone, name="action_postpone"),
    path(f"{DONE}/<str:token>/", by_link.by_link, name="action_by_link"),
]
