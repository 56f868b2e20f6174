"""What the look promises, read from its sources: no side is named, no name is taken twice, every contrast holds."""

import re
from pathlib import Path

import pytest

import clinic
from clinic.kernel.assets import sheet, sources

TEMPLATES = sorted((Path(clinic.__file__).parent / "templates").rglob("*.html"))
SHEETS = [sources.OWN / name for name in ("tokens.css", "shell.css", "desk.css", "plot.css", "print.css")]
EXTENDED = {  # Bootstrap's own, given our measures on purpose
    "btn", "btn-lg", "btn-primary", "btn-sm", "form-check-input", "form-control", "form-select", "is-invalid",
    "text-bg-primary",
}  # fmt: skip
AS_SPACE = re.compile(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", re.DOTALL)


def rules(path: Path) -> str:
    return AS_SPACE.sub(" ", path.read_text(encoding="utf-8"))


def classes(text: str) -> set[str]:
    return set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", text))


def ids(path: Path) -> str:
    return path.name


# ---- sides, names, colours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHEETS, ids=ids)
def test_our_sheets_name_no_side(path: Path) -> None:
    text = re.sub(r"@media[^{]*", "", rules(path))
    assert re.findall(r"[^;{}]*\b(?:left|right)\b[^;{}]*", text) == []
    assert re.findall(r"(?:^|[;{\s])(?:(?:min|max)-)?(?:width|height)\s*:", text) == []
    assert re.findall(r"(?:margin|padding|border)-(?:top|bottom)", text) == []


def test_no_class_of_ours_bears_a_bootstrap_name() -> None:
    bootstrap = classes(rules(sources.BOOTSTRAP["sheet.css"]))
    assert len(bootstrap) > 1000
    ours = set().union(*(classes(rules(path)) for path in SHEETS))
    assert ours & bootstrap == EXTENDED


def test_the_head_of_the_sheet_lists_every_component() -> None:
    head = (sources.OWN / "shell.css").read_text(encoding="utf-8").split("*/")[0]
    listed = set(re.findall(r"[a-z][a-z0-9-]*", re.sub(r"\([^)]*\)", "", head)))
    ours = classes(rules(sources.OWN / "shell.css")) - EXTENDED
    assert ours - listed == set()


@pytest.mark.parametrize("path", [path for path in SHEETS if path.name != "tokens.css"], ids=ids)
def test_a_component_names_tokens_not_colours(path: Path) -> None:
    paper = {"#000", "#fff", "#bbb", "#999", "#767676"}  # what is printed is black on white in both themes
    wall = {"#0b5561"}  # the wall is the same petrol by day and by night
    assert set(re.findall(r"#[0-9a-fA-F]{3,6}\b", rules(path))) <= paper | wall


def test_no_class_is_written_in_a_page_that_no_sheet_knows() -> None:
    bootstrap = sheet.slimmed(rules(sources.BOOTSTRAP["sheet.css"]))
    known = classes(bootstrap).union(*(classes(rules(path)) for path in SHEETS))
    on_paper = classes(rules(sources.OWN / "paper.css"))
    unknown = {
        (path.name, name)
        for path in TEMPLATES
        for written in re.findall(r'class="([^"{]*)"', path.read_text(encoding="utf-8"))
        for name in written.split()
        if name not in (on_paper if path.name.endswith(".pdf.html") else known)
    }
    assert unknown == set()


# ---- templates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_a_page_carries_no_style_and_no_script_of_its_own(path: Path) -> None:
    if path.name.endswith(".pdf.html"):
        pytest.skip("paper has no content policy")
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for refused in (r"\sstyle\s*=", r"\bhx-on", r"\bjs:", r"<style", r"\son[a-z]+\s*=", r"javascript:", r"https?://"):
        assert re.findall(refused, text) == [], refused
    assert re.findall(r"hx-trigger=[\"'][^\"']*\[", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_every_symbol_of_a_page_is_listed(path: Path) -> None:
    listed = set((sources.OWN / "icons.txt").read_text().split()) | {
        path.stem for path in (sources.OWN / "symbols").glob("*.svg")
    }
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"icon\(\s*[\"']([a-z0-9-]+)[\"']\s*[,)]", text)) <= listed


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_no_key_is_one_that_browsers_keep(path: Path) -> None:
    assert re.findall(r"Alt\+[DEF]\b", path.read_text(encoding="utf-8")) == []


def test_the_list_of_symbols_is_sorted_and_holds_none_twice() -> None:
    names = (sources.OWN / "icons.txt").read_text().split()
    assert names == sorted(set(names))


# ---- contrast ------------------------------------------------------------------------------------------------------


def tokens(theme: str) -> dict[str, str]:
    block = re.findall(r"(?::root|\[data-bs-theme=dark\])\s*\{(.*?)\n\}", rules(sources.OWN / "tokens.css"), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", text)) for text in block[:2])
    return light if theme == "light" else light | dark


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


STATED = [  # token, ground, in light, in dark
    ("edge", "paper", 3.5, 4.6), ("edge", "surface", 3.8, 4.1), ("ink", "paper", 14.6, 14.4),
    ("ink", "surface", 16.0, 13.0), ("ink2", "paper", 7.5, 9.6), ("ink2", "surface", 8.3, 8.7),
    ("ink3", "paper", 5.2, 7.0), ("ink3", "surface", 5.7, 6.3), ("ink3", "sunken", 4.8, 7.0),
    ("accent", "paper", 7.7, 9.1), ("accent", "surface", 8.4, 8.2), ("on-accent", "accent", 8.4, 8.0),
    ("accent-deep", "accent-soft", 9.6, 8.4), ("ink", "accent-soft", 13.3, 10.6), ("accent-mid", "paper", 3.6, 5.2),
    ("accent-mid", "surface", 3.9, 4.7), ("danger", "paper", 7.0, 8.9), ("danger", "surface", 7.7, 8.0),
    ("danger", "danger-soft", 6.6, 7.4), ("caution", "paper", 7.3, 10.9), ("caution", "surface", 8.0, 9.9),
    ("caution", "caution-soft", 7.1, 8.5), ("caution-mark", "paper", 3.4, 8.2), ("caution-mark", "surface", 3.7, 7.4),
    ("sand-ink", "paper", 5.3, 8.4), ("sand-ink", "surface", 5.8, 7.6), ("ok", "paper", 6.2, 9.7),
    ("ok", "surface", 6.8, 8.8), ("focus", "paper", 4.5, 10.5), ("focus", "surface", 4.9, 9.4),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("token", "ground", "light", "dark"), STATED)
def test_every_contrast_is_what_the_look_states(token: str, ground: str, light: float, dark: float, theme: str) -> None:
    colours = tokens(theme)
    stated = light if theme == "light" else dark
    assert contrast(colours[token], colours[ground]) >= stated - 0.05  # the look states one decimal


def test_white_on_every_persons_colour_reads_well() -> None:
    colours = re.findall(r"--me:\s*(#[0-9a-f]{6})", rules(sources.OWN / "tokens.css"))
    assert len(set(colours)) == 9
    assert min(contrast("#fff", colour) for colour in colours) >= 7.15
