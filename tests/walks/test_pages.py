"""Every page x three languages x light and dark: legible, silent, inside the screen, and not a word untranslated."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from flask import Flask
from playwright.sync_api import Browser, Page

import clinic
from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.kernel import clock, i18n
from clinic.kernel.db import transaction
from tests.browser import listen, served
from tests.factories import EVENING
from tests.walks.addresses import list_addresses
from tests.walks.ground import Walk
from tests.walks.markup import Markup
from tests.walks.test_routes import those_who_may
from tests.walks.visitor import Visitor
from tests.walks.world import House

WIDTHS = (683, 820, 1366)
LARGEST_PAGE = 150_000
# each language is offered by its own name, the product has one, and Somalia is called so in Turkish
_NAMES = {*i18n.LANGUAGE_NAMES.values(), "Şifa", "Somali"}
# what answers without a page of its own: a program's, a picture, a piece that its page asks for again and again
_NO_PAGES = {"assets.evidence", "consultations.rail", "handovers.file", "health.health"}
_FILES = (".pdf", ".xlsx")
_SAID_ASIDE = ("aria-label", "title", "placeholder", "alt")


@dataclass(frozen=True)
class Sight:
    """A page as one role sees it."""

    path: str
    role: Role


def sights(house: House) -> list[Sight]:
    """Return every page in each of its states, with the role that may do least there."""
    return [
        Sight(path, max(those_who_may(page)))
        for page in list_addresses()
        if page.method == "GET" and page.endpoint not in _NO_PAGES
        for path in page.all_at(house)
    ]


def speak(app: Flask, house: House, language: str) -> None:
    """Let everybody read the screen in a language."""
    with app.app_context(), transaction() as session:
        for person in house.staff.values():
            session.get_one(User, person.scope.user_id).language = language


# ---- what is read off the page alone -------------------------------------------------------------------------------


@cache
def untranslated(language: str) -> frozenset[str]:
    """Return the English sentences that a page in `language` says otherwise."""
    path = Path(clinic.__file__).parent / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    said = {message.id: message.string for message in catalogue if isinstance(message.id, str) and message.id}
    return frozenset(said) - frozenset(said.values()) - _NAMES


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_page_speaks_its_language_and_runs_its_way(walk: Walk, language: str) -> None:
    speak(walk.app, walk.world.here, language)
    english = untranslated(language) if language != "en" else frozenset()
    for sight in sights(walk.world.here):
        answer = Visitor(walk.app, walk.world.here.staff[sight.role]).client.get(sight.path, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        page = Markup(answer.get_data(as_text=True))
        assert (page.root.get("lang"), page.root.get("dir", "ltr")) == (language, i18n.direction(language)), sight
        assert english & {*page.texts, *said_aside(page)} == set(), sight
        assert len(answer.data) < LARGEST_PAGE, sight


def said_aside(page: Markup) -> Iterator[str]:
    """Yield the words of a page that stand in attributes."""
    for _, told in page.tags:
        yield from (told[name] for name in _SAID_ASIDE if name in told)


# ---- what only a browser sees --------------------------------------------------------------------------------------


class Held:
    """A clock held still for every thread: the server's are not the test's."""

    def get(self) -> datetime:
        """Return the evening."""
        return EVENING


@pytest.fixture
def server(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the world is served to the browser."""
    with monkeypatch.context() as patch:
        patch.setattr(clock, "_frozen", Held())
        with served(walk.app) as address:
            yield address


def faults(page: Page, sight: Sight, server: str) -> Iterator[str]:
    """Yield what is wrong with a page in a browser."""
    complaints = listen(page)
    page.goto(f"{server}{sight.path}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        reaches = page.evaluate("document.documentElement.scrollWidth")
        if reaches > width:
            yield f"{sight.path} is {reaches} wide on a screen of {width}"
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    for one in found:
        if one["impact"] in {"serious", "critical"}:
            yield from (f"{sight.path} {one['id']}: {node['html'][:160]}" for node in one["nodes"])
    yield from (f"{sight.path} console: {words}" for words in complaints)


def look(browser: Browser, walk: Walk, server: str, language: str, theme: str, share: int = 1) -> list[str]:
    """Return what is wrong with every page, or with each `share`-th."""
    speak(walk.app, walk.world.here, language)
    wrong: list[str] = []
    seen = sights(walk.world.here)[::share]
    for role in sorted({sight.role for sight in seen}):
        context = browser.new_context(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        cookie = Visitor(walk.app, walk.world.here.staff[role]).client.get_cookie("clinic")
        assert cookie is not None
        context.add_cookies([{"name": "clinic", "value": cookie.value, "url": server}])
        for sight in seen:
            if sight.role == role and not sight.path.endswith(_FILES):
                page = context.new_page()
                wrong += faults(page, sight, server)
                page.close()
        context.close()
    return wrong


@pytest.mark.journey
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ar", "dark")])
def test_some_pages_are_legible_silent_and_inside_the_screen(
    browser: Browser, walk: Walk, server: str, language: str, theme: str
) -> None:
    assert look(browser, walk, server, language, theme, share=10) == []


@pytest.mark.journey
@pytest.mark.heavy
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_page_is_legible_silent_and_inside_the_screen(
    browser: Browser, walk: Walk, server: str, language: str, theme: str
) -> None:
    assert look(browser, walk, server, language, theme) == []
