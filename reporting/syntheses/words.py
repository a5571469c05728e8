"""The text of an edition as a .docx, for who pastes it into a report of their own.

Paragraphs and headings only (tables are in the workbook): few enough parts of Office Open XML
(ECMA-376) to be written here rather than by a library that brings an XML parser along.
"""

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from humanicite.lib.text import printable
from reporting.periods import Period

from . import titles
from .document import Document

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WHEN = (2000, 1, 1, 0, 0, 0)  # the same text is the same file
TITLE, HEADING, SUBHEADING, PLAIN, POINT = "Title", "Heading1", "Heading2", "Normal", "ListBullet"
_SIZES = {TITLE: 40, HEADING: 30, SUBHEADING: 24}  # half points


def to_docx(document: Document) -> bytes:
    """All that is written in an edition, in its order."""
    body = "".join(_paragraph(style, text) for style, text in _paragraphs(document))
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{TYPE}.main+xml"/>'
            '<Override PartName="/word/styles.xml" ContentType="'
            f'{TYPE.replace(".document", ".styles")}+xml"/></Types>'
        ),
        "_rels/.rels": _relation("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": _relation("styles", "styles.xml"),
        "word/document.xml": f'<w:document xmlns:w="{_MAIN}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": _styles(),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(zipfile.ZipInfo(name, _WHEN), _HEAD + content)
    return file.getvalue()


def _paragraphs(document: Document) -> Iterable[tuple[str, str]]:
    month = Period.parse(document["month"])
    yield TITLE, f"{titles.heading(month)} {month.of_label}"
    yield PLAIN, f"{document['perimeter']} – {document['party']}"
    if document["title"]:
        yield SUBHEADING, document["title"]
    yield PLAIN, document["message"]
    for block in document["blocks"]:
        if block["key"] == "methode":
            continue
        said = [(PLAIN, text) for text in block["text"]]
        for part in block["parts"]:
            if part["kind"] == "facts":
                said += [(POINT, text) for text in part["entries"]]
            elif part["kind"] in ("watch", "asked"):
                said.append((PLAIN, f"{part['label']}. {part['text']}"))
            elif part["kind"] == "figures":
                said += [
                    (POINT, f"{one['label']}\u00a0: {one['value']}") for one in part["entries"]
                ]
        if said:
            yield HEADING, block["title"]
            yield from said


def _paragraph(style: str, text: str) -> str:
    bare = escape(printable(text))
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{bare}</w:t></w:r></w:p>'
    )


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _styles() -> str:
    made = [
        f'<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>'
        '<w:sz w:val="22"/><w:lang w:val="fr-FR"/></w:rPr></w:rPrDefault></w:docDefaults>',
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:pPr><w:spacing w:after="120"/></w:pPr></w:style>',
        '<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/>'
        '<w:basedOn w:val="Normal"/><w:pPr><w:ind w:left="360"/></w:pPr></w:style>',
    ]
    named = ((TITLE, "Title", ""), (HEADING, "heading 1", "0"), (SUBHEADING, "heading 2", "1"))
    for style, name, level in named:
        outline = f'<w:outlineLvl w:val="{level}"/>' if level else ""
        made.append(
            f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/>'
            f'<w:spacing w:before="240" w:after="120"/>{outline}</w:pPr>'
            f'<w:rPr><w:b/><w:sz w:val="{_SIZES[style]}"/></w:rPr></w:style>'
        )
    return "".join([*made, "</w:styles>"])
