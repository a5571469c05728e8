"""From HTML to a PDF that is tagged (PDF/UA-1) and archivable (PDF/A-3a). Makes no query.

WeasyPrint is imported on first use: the site starts without its system libraries, and says what
is missing only where a PDF is asked for.
"""

import atexit
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import emoji
from django.conf import settings

STATIC = "https://static.invalid/"  # a name that no network knows: files come from `static/`
PICTURES = "https://pictures.invalid/"  # and another, of the JPEGs that a document brings
AMBIGUOUS = b"\r\nendstream"
MISSING = (
    "WeasyPrint needs Pango. Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0; Fedora: dnf install pango; macOS: brew install pango."
)
# PDF/UA-1 is declared in the metadata; PDF/A asks that a foreign schema be described there too.
_UA_METADATA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""


class PdfUnavailable(RuntimeError):
    """The system libraries that draw PDFs are missing; the message says which."""


@dataclass(frozen=True)
class Attached:
    """A data file embedded in the PDF."""

    name: str
    description: str
    content: bytes


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:
        raise PdfUnavailable(MISSING) from error
    return weasyprint


@cache
def _own_files() -> Any:
    """Serves the project's static files and given pictures by name, and nothing else."""
    _weasyprint()
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    root = (Path(settings.BASE_DIR) / "static").resolve()

    class OwnFilesOnly(URLFetcher):
        pictures: Mapping[str, bytes] = {}

        def fetch(self, url: str, headers: object = None) -> object:
            if url.startswith(PICTURES) and (name := url.removeprefix(PICTURES)) in self.pictures:
                return URLFetcherResponse(url, self.pictures[name], {"Content-Type": "image/jpeg"})
            path = (root / url.removeprefix(STATIC)).resolve()
            if not url.startswith(STATIC) or not path.is_relative_to(root):
                raise ValueError(f"a document may not fetch {url}")
            kind = {".css": "text/css", ".woff2": "font/woff2"}[path.suffix]
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFilesOnly


def _fetcher(pictures: Mapping[str, bytes] | None = None) -> object:
    fetcher = _own_files()()
    fetcher.pictures = pictures or {}
    return fetcher


@cache
def _style(name: str) -> tuple[object, object]:
    """A print style and its fonts, parsed once a process."""
    weasyprint = _weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    url = f"{STATIC}css/{name}"
    return weasyprint.CSS(url=url, font_config=fonts, url_fetcher=_fetcher()), fonts


# The fonts let go of Pango while it is still there.
atexit.register(_style.cache_clear)


def _finish(document: Any, pdf: Any) -> None:
    """Adds the PDF/UA identification to the metadata, just before the file is written.

    Also keeps packed streams from ending in a carriage return: before the line feed that precedes
    `endstream` it reads as an end of line, the stream's length is then one too many, and one file
    in twenty or so would not be PDF/A.
    """
    for item in pdf.objects:
        if hasattr(item, "compress") and item.data.endswith(AMBIGUOUS):
            item.compress = False
        if getattr(item, "extra", {}).get("Type") == "/Metadata":
            item.stream = [part.replace(b"</rdf:RDF>", _UA_METADATA) for part in item.stream]
            item.compress = False  # PDF/A: metadata is readable without unpacking
    pdf.write = partial(_write, pdf, pdf.write)


def _write(pdf: Any, write: Any, output: BinaryIO, *args: object, **kwargs: object) -> None:
    """Writes the file; the two streams that come into being only now are packed otherwise, by an
    unused object more, should one of them end in a carriage return."""
    import pydyf

    objects = list(pdf.objects)
    for _ in range(8):
        buffer = BytesIO()
        write(buffer, *args, **kwargs)
        if AMBIGUOUS not in buffer.getvalue():
            break
        pdf.objects[:], pdf.current_position = objects, 0
        pdf.add_object(pydyf.Dictionary())
        objects = list(pdf.objects)
    output.write(buffer.getvalue())


ARROWS = "\u2190"  # the first sign that the typeface lacks
_MAY_BE_EMOJI = re.compile("[\u2190-\u3299\U0001f000-\U0001faff]")


def _emoji_in_words(html: str) -> str:
    """« 🔥 » → « [feu] »: the embedded typeface draws none, and a file with a missing glyph is
    not archivable."""

    def said(found: str, known: dict[str, Any]) -> str:
        if found < ARROWS:
            return found  # « © », which is a letter of the typeface
        name = str(known.get("fr") or known["en"])
        return f"[{name.strip(':').replace('_', ' ')}]"

    if not _MAY_BE_EMOJI.search(html):
        return html  # nearly always, and looking at each sign takes a tenth of a rendering
    emoji.config.load_language("fr")
    return emoji.replace_emoji(html, said)


def render(
    html: str,
    *,
    style: str = "print.css",
    pictures: Mapping[str, bytes] | None = None,
    attached: tuple[Attached, ...] = (),
    tagged: bool = True,
) -> bytes:
    """The PDF of a page. `pictures`: JPEGs, by what follows PICTURES in the page. `tagged=False` is
    there to measure what tags cost.

    Raises PdfUnavailable when Pango is not installed.
    """
    weasyprint = _weasyprint()
    sheet, fonts = _style(style)
    fetcher = _fetcher(pictures)
    document = weasyprint.HTML(string=_emoji_in_words(html), base_url=STATIC, url_fetcher=fetcher)
    options: dict[str, object] = {"stylesheets": [sheet], "font_config": fonts}
    if tagged:
        options |= {"pdf_variant": "pdf/a-3a", "finisher": _finish}
    if attached:
        options["attachments"] = [
            weasyprint.Attachment(
                string=file.content,
                name=file.name,
                description=file.description,
                relationship="Data",
                url_fetcher=fetcher,
            )
            for file in attached
        ]
    return document.write_pdf(**options)
