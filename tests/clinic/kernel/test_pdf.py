"""What is printed can be read by eye and by a machine: words in three languages come back from the PDF."""

import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from unicodedata import normalize

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from markupsafe import Markup
from pypdf import PdfReader

from clinic.kernel import catalogues, paper
from clinic.kernel.errors import ProgrammingMistake
from clinic.kernel.i18n import bdi, in_language
from clinic.kernel.pdf import PdfUnavailable, render_pdf

TEMPLATES = {
    "words.pdf.html": """{% extends "paper.html" %}
        {% block title %}{{ _("Not given") }}{% endblock %}
        {% block kind %}{{ kind }}{% endblock %}
        {% block main %}{% for word in words %}<p>{{ word }}</p>{% endfor %}{% endblock %}""",
    "reaching.pdf.html": """{% extends "paper.html" %}{% block main %}{{ reaching|safe }}{% endblock %}""",
}
# lam with alef, marks above and below, letters that join and that do not
ARABIC = "مريض الاسم الأب لا علاج استلام الإثنين الآن صُرف جزئياً الجرعة حبة يومياً بعد الأكل مساءً سوريا التاريخ الصلاحية"
TURKISH = "Hasta İlaç ığdır Çocuk sağlığı şurup ölçeği günde üç kez tok karnına"


@pytest.fixture
def context(context: Flask) -> Flask:
    loader = context.jinja_env.loader
    assert loader is not None
    context.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), loader])
    return context


def _words_of(language: str, pattern: str) -> list[str]:
    """Every word that the catalogue of `language` says."""
    said = (catalogues._forms(message.string) for message in catalogues._messages(catalogues.read(language)))
    bare = (catalogues._PLACEHOLDER.sub(" ", form) for forms in said for form in forms)
    return sorted({normalize("NFC", word) for form in bare for word in re.findall(pattern, form)})


def _read(pdf: bytes) -> str:
    return normalize("NFC", "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def _copied(pdf: bytes, folder: Path) -> str:
    """The text as poppler gives it, without its direction marks."""
    (folder / "paper.pdf").write_bytes(pdf)
    command = [str(shutil.which("pdftotext")), str(folder / "paper.pdf"), "-"]
    told = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")  # noqa: S603 - our own words
    return re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", told.stdout)


def _render(language: str, words: list[str], kind: str = "", *, is_archival: bool = False) -> bytes:
    with in_language(language):
        return render_pdf("words.pdf.html", words=words, kind=kind, is_archival=is_archival)


# ---- words come back


@pytest.mark.parametrize("is_archival", [False, True])
@pytest.mark.parametrize(("language", "line"), [("ar", ARABIC), ("tr", TURKISH)])
def test_each_word_comes_back_from_a_letter(context: Flask, language: str, line: str, is_archival: bool) -> None:
    words = line.split()
    assert _read(_render(language, words, is_archival=is_archival)).split() == words


@pytest.mark.parametrize("kind", ["", "slip", "card", "label"])
def test_every_turkish_word_comes_back_from_every_kind_of_paper(context: Flask, kind: str) -> None:
    words = _words_of("tr", r"[^\W\d_]+")
    assert _read(_render("tr", words, kind)).split() == words


@pytest.mark.parametrize("is_reversed", [False, True])
def test_every_arabic_word_comes_back_from_a_letter_whichever_comes_first(context: Flask, is_reversed: bool) -> None:
    words = sorted(_words_of("ar", "[\u0621-\u063a\u0641-\u0652]+"), reverse=is_reversed)
    assert len(words) > 300
    assert _read(_render("ar", words)).split() == words


@pytest.mark.parametrize("line", ["أُدخل أب", "أب أُدخل أُعطي", "الخير خير لخم", "لكم كم كردية", "علی علي کریم كريم"])
def test_letters_drawn_together_take_nothing_from_the_words_after_them(context: Flask, line: str) -> None:
    assert _read(_render("ar", line.split())).split() == line.split()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed here")
def test_poppler_gives_back_the_same_but_for_small_vowels(context: Flask, tmp_path: Path) -> None:
    """Poppler sets a vowel that stands above its letter apart, and one word in a hundred turned round."""
    words = _words_of("ar", "(?<![\u0640-\u0652])[\u0621-\u063a\u0641-\u064a]+(?![\u0621-\u0652])")
    back = set(_copied(_render("ar", words), tmp_path).split())
    assert len(words) > 300
    assert len([word for word in words if word not in back]) < len(words) / 100
    turkish = _words_of("tr", r"[^\W\d_]+")
    assert _copied(_render("tr", turkish), tmp_path).split() == turkish


# ---- the sheet


@pytest.mark.parametrize(
    ("kind", "width", "height"), [("", 210, 297), ("slip", 148, 210), ("card", 105, 148), ("label", 58, 40)]
)
def test_each_kind_of_paper_has_its_size(context: Flask, kind: str, width: int, height: int) -> None:
    [page] = PdfReader(BytesIO(_render("ar", ["مريض"], kind))).pages
    assert (round(page.mediabox.width / 72 * 25.4), round(page.mediabox.height / 72 * 25.4)) == (width, height)


def _fonts(pdf: bytes) -> set[str]:
    page: Any = PdfReader(BytesIO(pdf)).pages[0]
    return {str(font.get_object()["/BaseFont"]).split("+")[1] for font in page["/Resources"]["/Font"].values()}


def test_letters_are_set_in_amiri_and_labels_in_plex(context: Flask) -> None:
    assert _fonts(_render("ar", ["مريض", "12"])) == {"Amiri", "Plex"}
    assert _fonts(_render("ar", ["مريض", "12"], "label")) == {"Plex-Arabic", "Plex"}


def test_an_archival_sheet_says_so_and_is_tagged_in_its_language(context: Flask) -> None:
    reader = PdfReader(BytesIO(_render("ar", ["مريض"], is_archival=True)))
    root: Any = reader.root_object
    told = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r'pdfaid:part[>="\s]+3', told)
    assert re.search(r'pdfaid:conformance[>="\s]+U', told)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "ar"
    assert reader.metadata is not None
    assert reader.metadata.title == "غير مذكور"


@pytest.mark.parametrize("figure", ["+90 532 000 00 00", "14.2 mg/kg", "1-5", "36.9 °C", "1 / 3"])
def test_a_figure_in_an_arabic_line_is_not_turned_round(context: Flask, figure: str) -> None:
    with in_language("ar"):
        pdf = render_pdf("reaching.pdf.html", reaching=Markup("<p>هاتف {}</p>").format(bdi(figure)))
    assert figure in _read(pdf)


def test_typed_markup_stays_text(context: Flask) -> None:
    assert "<img src=http://evil.example/x>" in _read(_render("en", ["<img src=http://evil.example/x>"]))


# ---- nothing is fetched


@pytest.mark.parametrize(
    "reaching",
    [
        '<img src="http://evil.example/x.png">',
        '<img src="https://evil.example/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="data:image/png;base64,AAAA">',
        '<link rel="stylesheet" href="http://evil.example/x.css">',
        '<style>@import "file:///etc/hosts";</style>',
        '<p style="background: url(http://evil.example/x.png)">x</p>',
        '<style>@font-face { font-family: x; src: url("http://evil.example/x.ttf") }</style>',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<object data="file:///etc/passwd"></object>',
    ],
)
def test_paper_fetches_nothing(context: Flask, reaching: str) -> None:
    with pytest.raises(ProgrammingMistake, match="names an address"):
        render_pdf("reaching.pdf.html", reaching=reaching)


def test_a_picture_inside_a_drawing_is_left_out(context: Flask) -> None:
    """WeasyPrint draws on without it."""
    drawing = '<svg width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>'
    [page] = PdfReader(BytesIO(render_pdf("reaching.pdf.html", reaching=drawing))).pages
    assert len(page.images) == 0


def test_paper_without_an_address_is_drawn(context: Flask) -> None:
    assert render_pdf("reaching.pdf.html", reaching="<p>x</p>").startswith(b"%PDF-")


# ---- without the libraries


class _NoPango(ModuleType):
    def __getattr__(self, name: str) -> object:
        raise OSError("cannot load library 'libpango-1.0-0'")


def test_a_machine_without_the_libraries_says_so(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, paper.__name__)
    monkeypatch.delattr("clinic.kernel.paper")
    monkeypatch.setitem(sys.modules, "weasyprint", _NoPango("weasyprint"))
    with pytest.raises(PdfUnavailable, match="Nothing can be printed"):
        _render("en", ["x"])


def test_the_application_starts_without_the_libraries() -> None:
    ask = "import sys, clinic.app, clinic.kernel.pdf; sys.exit('weasyprint' in sys.modules)"
    subprocess.run([sys.executable, "-c", ask], check=True, cwd=catalogues.ROOT)  # noqa: S603 - our own words
