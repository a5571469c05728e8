from django.urls import path

from . import views

urlpatterns = [
    path("convention/", views.convention, name="convention"),
    path("convention/<int:pk>/termes/", views.edit_terms, name="convention_terms"),
    path("convention/<int:pk>/signataires/", views.edit_signatories, name="convention_signatories"),
    path(
        "convention/<int:pk>/subventions/",
        views.edit_contributions,
        name="convention_contributions",
    ),
    path("convention/<int:pk>/moyens/", views.edit_provisions, name="convention_provisions"),
    path("convention/<int:pk>/signer/", views.sign, name="convention_sign"),
    path("convention/<int:pk>/supprimer/", views.discard, name="convention_discard"),
    path("convention/<int:pk>/accepter/", views.accept, name="convention_accept"),
    path("convention/<int:pk>/reconduire/", views.renew, name="convention_renew"),
    path("convention/<int:pk>/comparer/", views.compared, name="convention_compared"),
    path("convention/versions/<int:pk>/", views.version, name="convention_version"),
    path("convention/echeances/<int:pk>/", views.edit_payments, name="contribution_payments"),
    path("convention/etat/<int:pk>/", views.edit_state, name="provision_state"),
    path("convention/parties/<int:pk>/", views.edit_party, name="party_edit"),
]
