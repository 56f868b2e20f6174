"""The tabs at the top of every screen: those of one's own roles, and no other."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from clinic.kernel.access import can


@dataclass(frozen=True)
class Tab:
    """One desk's door: who may pass it, where it leads, and its words (an msgid marked with `_l`)."""

    permission: str
    endpoint: str
    words: str


def init_app(app: Flask, tabs: Sequence[Tab]) -> None:
    """Give `app` its doors in their order; the first one that a person may pass is that person's home."""
    app.extensions["clinic_tabs"] = tuple(tabs)


def tabs() -> list[tuple[str, str, bool]]:
    """Return address, words and whether it is the page's own for each tab that the signed-in person may pass."""
    doors = [(url_for(tab.endpoint), tab.words) for tab in _mine()]
    here = max((url for url, _ in doors if request.path.startswith(url)), key=len, default=None)
    return [(url, str(words), url == here) for url, words in doors]


def _mine() -> list[Tab]:
    return [tab for tab in current_app.extensions["clinic_tabs"] if can(tab.permission)]
