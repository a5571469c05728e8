"""What a drawn document is held to: archivable, accessible, and the page's words in the page's order."""

import html
import io
import re

import page as pdf_checker
import pypdf

PROFILES = (pdf_checker.ValidationProfile.PDF_A_3A, pdf_checker.ValidationProfile.PDF_UA_1)


def assert_archivable(content: bytes) -> None:
    for profile in PROFILES:
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]


def bare(text: str) -> str:
    """Signs alone: where lines break, and words are cut, is the paper's affair."""
    return re.sub(r"[\s\u00ad‑-]+", "", html.unescape(text))


def assert_says_the_same(page: str, content: bytes, footer: str) -> None:
    """Each piece of the page's article stands on paper after the one before. `footer`: what the foot of
    each sheet says, up to its number."""
    article = re.search(r"<article.*?</article>", page, re.DOTALL)
    assert article
    said = re.sub(r"<svg.*?</svg>", "", article[0], flags=re.DOTALL)
    said = said.replace("🔥", "[feu]")
    pieces = [piece for piece in map(bare, re.split(r"<[^>]+>", said)) if piece]
    assert len(pieces) > 60
    sheets = pypdf.PdfReader(io.BytesIO(content)).pages
    printed = bare(" ".join(sheet.extract_text() for sheet in sheets))
    foot = re.compile(re.escape(bare(footer)) + r"Page\d+sur\d+")
    assert len(foot.findall(printed)) == len(sheets)
    printed, at = foot.sub("", printed), 0
    for piece in pieces:
        found = printed.find(piece, at)
        assert found >= 0, f"{piece!r} is not on paper after {printed[max(0, at - 80) : at]!r}"
        at = found + len(piece)
