"""Turn Bootstrap's sheet and ours into one that the content policy and both themes can live with."""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import rcssmin

# Bootstrap compiles its blue into component rules; the colours of the house stand there instead
_BLUES = {
    "#0d6efd": "var(--accent)",
    "13,110,253": "var(--accent-rgb)",
    "#0b5ed7": "var(--accent-deep)",
    "#0a58ca": "var(--accent-deep)",
    "10,88,202": "var(--accent-rgb)",
    "#86b7fe": "var(--focus)",
}
# families of Bootstrap that no page of ours uses, more than half of its weight; a page that needs one strikes it here
_LEFT_OUT = """
    accordion alert badge blockquote breadcrumb bs-popover bs-tooltip btn-check btn-close btn-danger btn-dark btn-group
    btn-info btn-light btn-link btn-outline btn-secondary btn-success btn-toolbar btn-warning caption-top card carousel
    clearfix col container display dropdown dropend dropstart dropup figure focus-ring form-check-inline form-floating
    form-range form-switch g gx gy hstack icon-link img initialism input-group lead list-group list-inline
    list-unstyled modal nav navbar offcanvas offset page-item page-link pagination placeholder popover progress ratio
    row spinner stretched-link tab-content tab-pane table toast tooltip vr vstack
"""
_PICTURE_BLUES = {b"#86b7fe": b"#0a7c8c", b"#052c65": b"#083f48", b"#6ea8fe": b"#74c5cd"}
_PICTURE = re.compile(r"""url\((["'])data:image/svg\+xml,(.*?)\1\)""")
_LEFT_OUT_CLASS = re.compile(rf"\.(?:{'|'.join(_LEFT_OUT.split())})(?:-[\w-]+)?(?![\w-])")
_RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(?:[^,()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+")
_EMPTY_MEDIA = re.compile(r"@media[^{}]*\{\}")
_OWN_URL = re.compile(r"""url\(["']?([\w./-]+)["']?\)""")
_DARK_RULE = re.compile(r"([^{}]*\[data-bs-theme=[\"']?dark[\"']?\][^{}]*)\{([^{}]*)\}")
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|^//# sourceMappingURL=.*$", re.MULTILINE)


def without_source_map(text: str) -> str:
    """Return `text` without the line that names a map which nobody serves."""
    return _SOURCE_MAP.sub("", text).rstrip() + "\n"


def joined(bootstrap: str, ours: str, *, place: Callable[[str, bytes | None], str]) -> str:
    """Return one sheet: Bootstrap in our colours, then ours.

    `place` takes a file's name or, for a picture found inside the sheet, its bytes; it answers the name to write.
    """
    sheet = slimmed(without_source_map(bootstrap))
    sheet = _PICTURE.sub(lambda found: f"url({place('', _picture(found[2]))})", sheet)
    for blue, token in _BLUES.items():
        sheet = sheet.replace(blue, token)
    own = _OWN_URL.sub(lambda found: f"url({place(found[1], None)})", rcssmin.cssmin(ours))
    return with_auto_theme(sheet.rstrip() + own)


def slimmed(sheet: str) -> str:
    """Return Bootstrap's sheet without the rules of the families that are left out."""
    return _EMPTY_MEDIA.sub("", _RULE.sub(_without_left_out, sheet))


def _without_left_out(rule: re.Match[str]) -> str:
    kept = [one for one in _SELECTOR.findall(rule[1]) if not _LEFT_OUT_CLASS.search(one)]
    return f"{','.join(kept)}{{{rule[2]}}}" if kept else ""


def with_auto_theme(sheet: str) -> str:
    """Return `sheet` with every dark rule repeated for `data-bs-theme=auto` on a system that asks for dark."""
    return _DARK_RULE.sub(_dark_twice, sheet)


def _dark_twice(found: re.Match[str]) -> str:
    auto = re.sub(r"\[data-bs-theme=[\"']?dark[\"']?\]", "[data-bs-theme=auto]", found[1])
    return f"{found[0]}@media (prefers-color-scheme:dark){{{auto}{{{found[2]}}}}}"


def _picture(quoted: str) -> bytes:
    picture = unquote_to_bytes(quoted)
    for blue, colour in _PICTURE_BLUES.items():
        picture = picture.replace(blue, colour)
    return picture
