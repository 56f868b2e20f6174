"""Cut IBM Plex to the letters that the three languages need: once, kept beside the user's other caches."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import fontTools
from flask import current_app
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from clinic.kernel.assets import sources

WEIGHTS = (400, 600)
# Latin with every Turkish and Kurdish letter, subscripts (SpO₂), arrows, signs of comparison and of money
LATIN_LETTERS = [
    *range(0x20, 0x7F), *range(0xA0, 0x100), 0x106, 0x107, *range(0x10C, 0x112), *range(0x118, 0x11C), 0x11E, 0x11F,
    0x130, 0x131, *range(0x141, 0x145), 0x147, 0x148, *range(0x150, 0x154), *range(0x158, 0x15C), *range(0x15E, 0x162),
    0x16A, 0x16B, *range(0x16E, 0x172), *range(0x178, 0x17F), 0x2BC, *range(0x2010, 0x2016),
    *range(0x2018, 0x2023), 0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044, *range(0x2080, 0x208A),
    0x20AC, 0x20BA, 0x2122, *range(0x2190, 0x2194), 0x2212, 0x2248, 0x2260, 0x2264, 0x2265,
]  # fmt: skip
# Arabic with the Persian and Kurdish letters that stand in names, both sets of digits, and the joining marks
ARABIC_LETTERS = [
    0x20, 0xAB, 0xBB, 0x60C, 0x61B, 0x61F, *range(0x621, 0x63B), *range(0x640, 0x656), *range(0x660, 0x66E),
    0x670, 0x671, 0x67E, 0x686, 0x695, 0x698, 0x6A4, 0x6A9, 0x6AF, 0x6B5, 0x6C0, 0x6C1, 0x6C6, 0x6CC, 0x6CE,
    0x6D2, 0x6D5, *range(0x6F0, 0x6FA), *range(0x200C, 0x2010),
]  # fmt: skip
ARABIC_FEATURES = [
    "init",
    "medi",
    "fina",
    "isol",
    "rlig",
    "liga",
    "calt",
    "ccmp",
    "mark",
    "mkmk",
    "kern",
    "locl",
    "curs",
]


@dataclass(frozen=True, kw_only=True)
class PdfFont:
    """One static face for paper, as `@font-face` wants it."""

    family: str
    weight: int
    path: Path


def pdf_fonts() -> list[PdfFont]:
    """Return the faces for paper: Amiri for Arabic that people copy from, Plex for labels and all Latin text."""
    latin = latin_faces(cache_dir(Path(current_app.instance_path)))
    return [
        *(PdfFont(family="Amiri", weight=weight, path=path) for weight, path in sources.AMIRI.items()),
        *(PdfFont(family="Plex Arabic", weight=weight, path=path) for weight, path in sources.ARABIC.items()),
        *(PdfFont(family="Plex", weight=weight, path=path) for weight, path in latin.items()),
    ]


def cache_dir(instance: Path) -> Path:
    """Return a folder of this user's own for what takes long to make, or one in `instance` where there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "sifa"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        cache = instance / "cache"
        cache.mkdir(parents=True, exist_ok=True)
    return cache if os.access(cache, os.W_OK) else instance / "cache"


def web_faces(cache: Path) -> dict[str, bytes]:
    """Return the four faces of the screen by file name, each as woff2 of about 15 kB."""
    latin = latin_faces(cache)
    faces = {
        f"plex-latin-{weight}.woff2": _kept(cache, _web_latin, latin[weight], weight).read_bytes() for weight in WEIGHTS
    }
    return faces | {
        f"plex-arabic-{weight}.woff2": _kept(cache, _web_arabic, path, weight).read_bytes()
        for weight, path in sources.ARABIC.items()
    }


def latin_faces(cache: Path) -> dict[int, Path]:
    """Return the static Latin faces by weight; the wheel has only the variable one, three times slower on paper."""
    return {weight: _kept(cache, _static_latin, sources.LATIN, weight) for weight in WEIGHTS}


def _kept(cache: Path, cut: Callable[[Path, int], bytes], source: Path, weight: int) -> Path:
    recipe = f"{fontTools.version} {cut.__name__} {weight} {LATIN_LETTERS} {ARABIC_LETTERS} {ARABIC_FEATURES}".encode()
    name = hashlib.sha256(recipe + source.read_bytes()).hexdigest()[:16]
    path = cache / f"{cut.__name__.strip('_')}-{weight}-{name}.font"
    if not path.is_file():
        write_whole(path, cut(source, weight))
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write `path` so that nobody ever reads half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)


def _static_latin(source: Path, weight: int) -> bytes:
    # one weight at a time: a range of weights in one file breaks the subsetter (KeyError uni2009)
    font = instantiateVariableFont(_opened(source), {"wght": weight, "wdth": 100})
    return _subset(font, LATIN_LETTERS, features=["*"], flavor=None)


def _web_latin(source: Path, _weight: int) -> bytes:
    return _subset(_opened(source), LATIN_LETTERS, features=["kern", "locl"], flavor="woff2")


def _web_arabic(source: Path, _weight: int) -> bytes:
    return _subset(_opened(source), ARABIC_LETTERS, features=ARABIC_FEATURES, flavor="woff2")


def _opened(source: Path) -> TTFont:
    return TTFont(source, recalcTimestamp=False)  # the date of the cut would make every cut another file


def _subset(font: TTFont, letters: list[int], *, features: list[str], flavor: str | None) -> bytes:
    options = Options(layout_features=features, flavor=flavor, hinting=False, desubroutinize=True, notdef_outline=True)
    options.drop_tables += ["meta"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font.flavor = flavor
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def inputs() -> Iterator[Path]:
    """Yield every font file that the screen's faces are cut from."""
    yield sources.LATIN
    yield from sources.ARABIC.values()
