"""What goes into a PDF can be drawn by its own typeface."""

import io

import page as pdf_checker
import pypdf
import pytest

from humanicite.lib import pdf


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Feu 🔥 place nord", "Feu [feu] place nord"),
        ("Merci 👍🏽", "Merci [pouce vers le haut peau légèrement mate]"),
        ("© 2026", "© 2026"),
    ],
)
def test_an_emoji_is_told_in_words_and_the_file_stays_valid(written: str, said: str) -> None:
    page = f'<html lang="fr"><head><title>Essai</title></head><body><p>{written}</p></body></html>'
    content = pdf.render(page)
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert said in " ".join(text.split())
    for profile in (
        pdf_checker.ValidationProfile.PDF_A_3A,
        pdf_checker.ValidationProfile.PDF_UA_1,
    ):
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]
