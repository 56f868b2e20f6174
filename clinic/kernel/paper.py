"""WeasyPrint, kept in: what it may fetch, and its fonts. Imported by `pdf` alone, at the first sheet of paper."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path

import pydyf
from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from clinic.kernel.assets import PdfFont, pdf_fonts
from clinic.kernel.assets.sources import OWN
from clinic.kernel.errors import ProgrammingMistake
from clinic.kernel.glyphs import meanings

_SHEET = OWN / "paper.css"
_SCHEME = "paper-font:"
_FACE = '@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("{address}") }}\n'
_MEANING = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>$")

# Pango's fonts belong to one thread; making them anew for each sheet costs ten times the sheet
_kept = threading.local()


class Fonts(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Fetches the packaged fonts and nothing else: no network, no file, no data address."""

    def __init__(self, fonts: list[PdfFont]) -> None:
        super().__init__(allowed_protocols=(), fail_on_errors=True)
        self.paths = {(font.family, font.weight): font.path for font in fonts}
        self._served = {f"{_SCHEME}{font.family}-{font.weight}".replace(" ", "-"): font.path for font in fonts}
        self.faces = "".join(
            _FACE.format(family=font.family, weight=font.weight, address=address)
            for font, address in zip(fonts, self._served, strict=True)
        )

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002 - its parent's signature
        """Return a font; raises ValueError for any other address."""
        if url not in self._served:
            raise ValueError("paper is made of what its template holds, and of the packaged fonts")
        return URLFetcherResponse(url, body=Path(self._served[url]).read_bytes())


def draw(html: str, *, is_archival: bool, attached: Mapping[str, bytes]) -> bytes:
    """Return `html` as a PDF; with `is_archival` as PDF/A-3u with the tags that screen readers follow."""
    if not hasattr(_kept, "fonts"):
        _kept.fonts, _kept.configuration = Fonts(pdf_fonts()), FontConfiguration()
    sheet = CSS(
        string=_kept.fonts.faces + _SHEET.read_text(encoding="utf-8"),
        font_config=_kept.configuration,
        url_fetcher=_kept.fonts,
    )
    variant = {"pdf_variant": "pdf/a-3u", "pdf_tags": True} if is_archival else {}
    page = HTML(string=html, url_fetcher=_kept.fonts)
    files = [Attachment(string=data, name=name, relationship="Data") for name, data in attached.items()]
    try:
        drawn: bytes = page.write_pdf(
            stylesheets=[sheet], font_config=_kept.configuration, attachments=files, finisher=_tell_letters, **variant
        )
    except FatalURLFetchingError as error:  # a BaseException, that no handler would see
        raise ProgrammingMistake("a template for paper names an address to fetch") from error
    return drawn


def _tell_letters(document: Document, pdf: pydyf.PDF) -> None:
    """Say in the PDF what each glyph means by its font, where WeasyPrint has learned what it cannot mean."""
    files = {font.name: _kept.fonts.paths.get((font.family, font.weight)) for font in document.fonts.values()}
    for entry in pdf.objects:
        if isinstance(entry, pydyf.Dictionary) and "ToUnicode" in entry and files.get(entry["BaseFont"]):
            known = meanings(files[entry["BaseFont"]])
            told = pdf.objects[int(entry["ToUnicode"].split()[0])]
            told.stream = [_corrected(line, known) for line in told.stream]


def _corrected(line: bytes, known: dict[int, list[str]]) -> bytes:
    match = _MEANING.match(line)
    if match is None:
        return line
    glyph, letters = match.groups()
    possible = known.get(int(glyph, 16), [])
    if not possible or bytes.fromhex(letters.decode()).decode("utf-16-be") in possible:
        return line
    return b"<%s> <%s>" % (glyph, possible[0].encode("utf-16-be").hex().encode())
