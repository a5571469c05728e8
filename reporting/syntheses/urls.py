from django.urls import URLPattern, path, register_converter
from django.urls.converters import SlugConverter

from .views import consultation, editions, list, month, writing


class MonthConverter(SlugConverter):
    """`2026-11`: a synthesis is of a month."""

    regex = r"\d{4}-\d{2}"


class ReviewConverter(SlugConverter):
    """`2026` or `2026-S1`: a bilan is of a year or of half of one."""

    regex = r"\d{4}(?:-S[12])?"


register_converter(MonthConverter, "month")
register_converter(ReviewConverter, "review")


def of_a_document(base: str, kind: str) -> "tuple[URLPattern, ...]":
    """The pages of one document. Syntheses and bilans share views and names: the address says which."""
    one = f"{base}/<{kind}:month>"
    return (
        path(f"{base}/<int:pk>/<{kind}:month>.pdf", editions.synthesis_pdf, name="synthesis_pdf"),
        path(f"{base}/<int:pk>/<{kind}:month>/", editions.preview, name="synthesis_preview"),
        path(f"{one}/", month.synthesis, name="synthesis"),
        path(f"{one}/preparer/", month.prepare, name="synthesis_prepare"),
        path(f"{one}/redaction/", writing.writing, name="synthesis_writing"),
        path(f"{one}/constat/", writing.suggestion, name="synthesis_suggestion"),
        path(f"{one}/retenir/", writing.keep, name="synthesis_keep"),
        path(f"{one}/ouvrir/", month.open_to_parties, name="synthesis_open"),
        path(f"{one}/valider/", month.validate, name="synthesis_validate"),
        path(f"{one}/reprendre/", month.take_up_again, name="synthesis_take_up"),
        path(f"{one}/publier/", month.publish, name="synthesis_publish"),
        path(f"{one}/version/", month.new_version, name="synthesis_version"),
        path(f"{one}/ordre-du-jour/", month.put_on_agenda, name="synthesis_on_agenda"),
    )


urlpatterns = [
    path("syntheses/", list.syntheses, name="syntheses"),
    path("syntheses/publier/", list.publish_all, name="syntheses_publish_all"),
    path("syntheses/editions/<int:pk>/", editions.edition_page, name="edition"),
    path("syntheses/editions/<int:pk>.pdf", editions.edition_pdf, name="edition_pdf"),
    path("syntheses/editions/<int:pk>.xlsx", editions.edition_xlsx, name="edition_xlsx"),
    path("syntheses/editions/<int:pk>.docx", editions.edition_docx, name="edition_docx"),
    path("syntheses/lien/<str:token>/", editions.edition_link, name="edition_link"),
    path("syntheses/projets/<int:pk>/", consultation.consultation, name="consultation"),
    path("syntheses/observations/<int:pk>/", month.deal_with, name="comment_dealt_with"),
    *of_a_document("syntheses", "month"),
    *of_a_document("bilans", "review"),
]
