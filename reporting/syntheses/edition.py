"""An edition on paper: the document of one perimeter as an archivable PDF, its data attached (R76)."""

import csv
import hashlib
import io
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from governance.models import Perimeter
from humanicite.lib import pdf
from humanicite.lib.exports import safe_cell
from reporting.periods import Period

from . import titles
from .document import Document, compose, gather
from .models import Edition, MonthlySynthesis
from .texts import Texts

log = logging.getLogger(__name__)
HEAD = ("section", "ligne", "activités", "minutes", "personnes")


@dataclass
class Synthesis:
    """An edition on its way to paper. `number`: its version, None while it is provisional."""

    document: Document
    at: datetime
    number: int | None = None

    @property
    def period(self) -> Period:
        return Period.parse(self.document["month"])

    @property
    def title(self) -> str:
        return (
            f"{titles.heading(self.period)} {self.period.of_label} – {self.document['perimeter']}"
        )

    @property
    def filename(self) -> str:
        later = f"-v{self.number}" if self.number and self.number > 1 else ""
        return f"{titles.stem(self.period)}-{self.document['slug']}-{self.period.slug}{later}.pdf"


def prepare(
    perimeter: Perimeter, period: Period, at: datetime, synthesis: MonthlySynthesis | None = None
) -> Synthesis:
    """A provisional edition: figures as they stand at `at`, with the texts written so far."""
    matter = gather(perimeter, period, timezone.localdate(at), synthesis)
    return Synthesis(compose(matter, Texts.of(synthesis)), at)


def published(edition: Edition) -> Synthesis:
    """A published edition, as its frozen document says it."""
    return Synthesis(edition.document, edition.published_at, edition.number)


def to_html(synthesis: Synthesis) -> str:
    context = {"synthesis": synthesis, "document": synthesis.document, "paper": True}
    return render_to_string("syntheses/synthesis.html", context)


def to_pdf(synthesis: Synthesis) -> bytes:
    """Raises PdfUnavailable."""
    return pdf.render(to_html(synthesis), attached=attached_to(synthesis))


def one_by_one(made: Sequence[Synthesis]) -> Iterator[bytes | Exception]:
    """Each file, or what kept it from being drawn, in their order."""
    for one in made:
        try:
            yield to_pdf(one)
        except Exception as error:
            log.exception("edition of %s, %s", one.document["slug"], one.document["month"])
            yield error


def attached_to(synthesis: Synthesis) -> tuple[pdf.Attached, ...]:
    """The data of the edition as CSV, and all that it says as JSON."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(
        [safe_cell(cell) for cell in row] for row in [HEAD, *synthesis.document["data"]]
    )
    whole = json.dumps(synthesis.document, ensure_ascii=False, indent=1, sort_keys=True)
    name, of_the = synthesis.filename.removesuffix(".pdf"), titles.of_the(synthesis.period)
    return (
        pdf.Attached(
            name=f"{name}.csv",
            description=f"Données {of_the}",
            content=text.getvalue().encode("utf-8-sig"),
        ),
        pdf.Attached(
            name=f"{name}.json",
            description=f"Contenu {of_the}",
            content=whole.encode(),
        ),
    )


@cache
def engine() -> str:
    """What draws: the library, the typeface's own checksum; each version draws differently."""
    fonts = sorted((Path(settings.BASE_DIR) / "static" / "fonts").glob("inter-*.woff2"))
    said = hashlib.sha256(b"".join(path.read_bytes() for path in fonts)).hexdigest()[:12]
    return f"WeasyPrint {version('weasyprint')}, pydyf {version('pydyf')}, Inter {said}"


def checksum(content: Any) -> str:
    return hashlib.sha256(bytes(content)).hexdigest()
