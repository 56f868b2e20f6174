"""One file of symbols: the icons that `static/icons.txt` names, and our own drawings."""

import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from clinic.kernel.assets import sources

_SVG = re.compile(r"<svg\b([^>]*)>(.*)</svg>", re.DOTALL)
_VIEW_BOX = re.compile(r'viewBox="[^"]*"')


class NoSuchIcon(Exception):
    """A symbol was asked for that no file draws."""


def symbols() -> dict[str, Path]:
    """Return the drawing of every symbol by name; our own win over the wheel's.

    Raises NoSuchIcon where icons.txt names one that the wheel has not.
    """
    named = {name: sources.ICONS / f"{name}.svg" for name in (sources.OWN / "icons.txt").read_text().split()}
    missing = sorted(name for name, path in named.items() if not path.is_file())
    if missing:
        raise NoSuchIcon(f"static/icons.txt names what bootstrap-icons has not: {', '.join(missing)}")
    return named | {path.stem: path for path in (sources.OWN / "symbols").glob("*.svg")}


def sprite() -> str:
    """Return all symbols as one SVG file, to be used by `<use href="…#name">`."""
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(_symbols())}</svg>\n'


def drawing(name: str) -> Markup:
    """Return one symbol with its lines in it: for paper, which fetches nothing. Raises NoSuchIcon."""
    path = symbols().get(name)
    if path is None:
        raise NoSuchIcon(f"no symbol {name}: list it in clinic/static/icons.txt")
    view_box, body = _parts(path)
    return Markup(f'<svg xmlns="http://www.w3.org/2000/svg" {view_box}>{body}</svg>')  # noqa: S704 - our own drawings


def _symbols() -> Iterator[str]:
    for name, path in sorted(symbols().items()):
        view_box, body = _parts(path)
        yield f'<symbol id="{name}" {view_box}>{body}</symbol>'


def _parts(path: Path) -> tuple[str, str]:
    found = _SVG.search(path.read_text(encoding="utf-8"))
    view_box = found and _VIEW_BOX.search(found[1])
    if not found or not view_box:
        raise NoSuchIcon(f"{path} is not a drawing with a viewBox")
    return view_box[0], re.sub(r">\s+<", "><", found[2].strip())
