from django.urls import path

from .views import consultation, editions, list, month, writing

urlpatterns = [
    path("syntheses/", list.syntheses, name="syntheses"),
    path("syntheses/editions/<int:pk>/", editions.edition_page, name="edition"),
    path("syntheses/editions/<int:pk>.pdf", editions.edition_pdf, name="edition_pdf"),
    path("syntheses/editions/<int:pk>.xlsx", editions.edition_xlsx, name="edition_xlsx"),
    path("syntheses/editions/<int:pk>.docx", editions.edition_docx, name="edition_docx"),
    path("syntheses/lien/<str:token>/", editions.edition_link, name="edition_link"),
    path("syntheses/projets/<int:pk>/", consultation.consultation, name="consultation"),
    path("syntheses/observations/<int:pk>/", month.deal_with, name="comment_dealt_with"),
    path("syntheses/<int:pk>/<slug:month>.pdf", editions.synthesis_pdf, name="synthesis_pdf"),
    path("syntheses/<int:pk>/<slug:month>/", editions.preview, name="synthesis_preview"),
    path("syntheses/<slug:month>/", month.synthesis, name="synthesis"),
    path("syntheses/<slug:month>/preparer/", month.prepare, name="synthesis_prepare"),
    path("syntheses/<slug:month>/redaction/", writing.writing, name="synthesis_writing"),
    path("syntheses/<slug:month>/constat/", writing.suggestion, name="synthesis_suggestion"),
    path("syntheses/<slug:month>/retenir/", writing.keep, name="synthesis_keep"),
    path("syntheses/<slug:month>/ouvrir/", month.open_to_parties, name="synthesis_open"),
    path("syntheses/<slug:month>/valider/", month.validate, name="synthesis_validate"),
    path("syntheses/<slug:month>/reprendre/", month.take_up_again, name="synthesis_take_up"),
    path("syntheses/<slug:month>/publier/", month.publish, name="synthesis_publish"),
    path("syntheses/<slug:month>/version/", month.new_version, name="synthesis_version"),
]
