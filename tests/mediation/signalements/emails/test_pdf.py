"""The signalement on paper."""

import io
from datetime import timedelta
from typing import Any

import page as pdf_checker
import pypdf
import pytest
from django.core.files.base import ContentFile

from humanicite.lib.pdf import PdfUnavailable
from mediation.models import (
    SignalementPhoto,
)  # fmt: skip
from mediation.signalements.emails import pdf
from mediation.signalements.emails.pdf import signalement_pdf

from .sent import send

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_pdf_is_one_archivable_accessible_page_with_its_photos(world) -> None:
    signalement = world.sent(
        title="Éclairage éteint", description="Trois lampes sur quatre.\n" * 8,
        expected="Remplacer les lampes", since="lundi soir",
    )  # fmt: skip
    picture = world.photo(world.activity()).file.read()
    for _ in range(3):
        photo = SignalementPhoto(signalement=signalement, width=64, height=48)
        photo.file.save("", ContentFile(picture))
    SignalementPhoto.objects.update(created_at=signalement.sent_at - timedelta(minutes=5))
    content = signalement_pdf(signalement)
    for profile in (
        pdf_checker.ValidationProfile.PDF_A_3A, pdf_checker.ValidationProfile.PDF_UA_1
    ):  # fmt: skip
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 1
    assert len(reader.pages[0].images) == 3
    SignalementPhoto.objects.filter(pk=photo.pk).update(
        created_at=signalement.sent_at + timedelta(days=1)
    )
    later = pypdf.PdfReader(io.BytesIO(signalement_pdf(signalement)))
    assert len(later.pages[0].images) == 2, "as it was sent"
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    text = reader.pages[0].extract_text().replace("\u00a0", " ")
    assert "Remplacer les lampes" in text
    assert world.user("mediateur").email not in text


def test_a_signalement_leaves_without_its_pdf_where_nothing_draws_it(
    world, smtp, monkeypatch
) -> None:
    def missing(*args: Any, **kwargs: Any) -> bytes:
        raise PdfUnavailable("Pango")

    monkeypatch.setattr(pdf, "render", missing)
    send(world)
    message = smtp.read()
    assert not list(message.iter_attachments())
    assert "en PDF" not in message.get_body(("plain",)).get_content()
