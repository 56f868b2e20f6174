"""Serve the built files ahead of the application, and name them in templates."""

import re
from collections.abc import Callable
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

from clinic.kernel.assets.building import build
from clinic.kernel.assets.icons import NoSuchIcon, drawing, symbols

PREFIX = "/static/"
_HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
_ICON = Markup('<svg class="icon{more}" aria-hidden="true" focusable="false"><use href="{href}#{name}"></use></svg>')


def init_app(app: Flask) -> None:
    """Build what is out of date, serve it under /static/, and give templates `asset()`, `icon()` and `drawing()`."""
    names = build(Path(app.instance_path))
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # the way that WhiteNoise and Flask both document
        app.wsgi_app,
        root=str(Path(app.instance_path) / "static"),
        prefix=PREFIX,
        allow_all_origins=False,
        immutable_file_test=_is_hashed,
        add_headers_function=_harden,
    )
    app.jinja_env.globals.update(asset=_asset(names), icon=_icon(names), drawing=drawing)


def _asset(names: dict[str, str]) -> Callable[[str], str]:
    def asset(name: str) -> str:
        """Return the address of the built file `name`."""
        return PREFIX + names[name]

    return asset


def _icon(names: dict[str, str]) -> Callable[[str, str], Markup]:
    href, known = PREFIX + names["icons.svg"], frozenset(symbols())

    def icon(name: str, more: str = "") -> Markup:
        """Return the drawing `name`, silent to screen readers: the words beside it say what it means.

        Raises NoSuchIcon for a name that static/icons.txt does not list.
        """
        if name not in known:
            raise NoSuchIcon(f"no symbol {name}: list it in clinic/static/icons.txt")
        return _ICON.format(href=href, name=name, more=more and f" {more}")

    return icon


def _is_hashed(_path: str, url: str) -> bool:
    return bool(_HASHED.search(url))


def _harden(headers: Headers, _path: str, _url: str) -> None:
    # these files are answered before Flask, so they carry their own
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
