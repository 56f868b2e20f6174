"""Every template parses, keeps to the content policy, and says nothing that no catalogue knows."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from clinic.kernel.catalogues import ROOT

TEMPLATES = sorted((ROOT / "clinic").rglob("*.html"))
NAMES = [path.relative_to(ROOT / "clinic" / "templates").as_posix() for path in TEMPLATES]

# ---- what the content policy or htmx would refuse at run time, each with what to do instead
FORBIDDEN = {
    r"\bstyle\s*=|[\"']style[\"']\s*:": "a class in static/shell.css",
    r"<style\b": "static/shell.css, or static/paper.css",
    r"<script\b(?![^>]*\bsrc=)": "static/shell.js",
    r"[\s\"']on[a-z]+\s*=": "static/shell.js",
    r"\bhx-on\b": "static/shell.js",
    r"\bhx-vars\b|js:|javascript:": "a hidden field",
    r"\bhx-trigger\s*=\s*[\"'][^\"']*\[": "a trigger without a filter",
    r"\bhx-ext\b": "htmx as it is",
}
# ---- words that stand in every language
NAMES_OF_OURS = {"Şifa", "شفاء"}
SPOKEN_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"
TRANSLATORS = {"_", "gettext", "ngettext", "N_"}
# names of classes, files, addresses, attributes, keys
NO_WORDS = re.compile(
    r"[a-z0-9 #./:_?=&%(){}\[\],;+*^$|-]*|[A-Z][A-Z0-9_ ]*|(Ctrl|Alt|Shift)(\+.*)?"
    r"|Control|Enter|Escape|Esc|F\d+"
)
CLASSES = re.compile(r"{%-?\s*block (\w+_class|kind)\s*-?%}.*?{%-?\s*endblock.*?%}", re.DOTALL)


def _refused(source: str) -> list[str]:
    bare = re.sub(r"{#.*?#}", "", source, flags=re.DOTALL)
    return [
        f"{match[0].strip()}: use {instead}"
        for pattern, instead in FORBIDDEN.items()
        for match in re.finditer(pattern, bare, re.IGNORECASE)
    ]


class _Words(HTMLParser):
    """Gathers the words that a template writes itself, in text and in attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        shows_value = tag == "input" and told.get("type") in {"button", "submit", "reset"}
        spoken = SPOKEN_ATTRIBUTES | ({"value"} if shows_value else set())
        for name in spoken & told.keys():
            self.handle_data(told[name] or "")

    def handle_data(self, data: str) -> None:
        self.found += [word for word in LETTERS.findall(data) if word not in NAMES_OF_OURS]


def _bare_words(environment: Environment, source: str) -> list[str]:
    """The words outside of every expression."""
    parts = {"variable_begin": HOLE}
    html = "".join(
        text if kind == "data" else parts.get(kind, "")
        for _line, kind, text in environment.lex(CLASSES.sub("", source))
    )
    words = _Words()
    words.feed(html)
    words.close()
    return words.found


def _literals(node: nodes.Node) -> Iterator[str]:
    """The strings of a template's expressions that are not handed to a translator."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    told = isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATORS
    for child in node.iter_child_nodes():
        if not (told and isinstance(child, nodes.Const)):
            yield from _literals(child)


def _untranslated(environment: Environment, source: str) -> list[str]:
    literals = [text for text in _literals(environment.parse(source)) if not NO_WORDS.fullmatch(text)]
    spoken = [text for text in literals if LETTERS.search(re.sub("<[^>]*>", "", text))]
    return _bare_words(environment, source) + spoken


@pytest.fixture(scope="module")
def environment() -> Environment:
    app = Flask("templates")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    return app.jinja_env


def test_every_template_parses_and_names_only_filters_and_tests_that_there_are(app: Flask) -> None:
    for name in NAMES:
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_keeps_to_the_content_policy(path: Path) -> None:
    assert _refused(path.read_text(encoding="utf-8")) == []


# a certificate says everything in three languages on one sheet, whatever the page's language is
TRILINGUAL = {"certificate.pdf.html"}


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.name not in TRILINGUAL], ids=lambda path: path.name
)
def test_a_template_says_nothing_untranslated(environment: Environment, path: Path) -> None:
    assert _untranslated(environment, path.read_text(encoding="utf-8")) == []


# ---- the checks, tried on planted faults


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color: red">',
        "<p STYLE = 'x'>",
        '{{ ui.button(words, **{"style": "x"}) }}',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<button onclick="go()">',
        '<button hx-on:click="go()">',
        "<button hx-on::after-request='go()'>",
        '<form hx-vals="js:{x: go()}">',
        '<a href="javascript:go()">',
        '<input hx-trigger="keyup[ctrlKey]">',
    ],
)
def test_what_the_policy_refuses_is_found(planted: str) -> None:
    assert _refused(planted)


@pytest.mark.parametrize(
    "sound",
    [
        '<script src="{{ asset("shell.js") }}" type="module"></script>',
        '<p class="style">{{ _("one") }}</p>',
        '{# style="x" is never written #}',
        '<input hx-trigger="keyup changed delay:300ms">',
        '<p data-on="x">',
    ],
)
def test_what_the_policy_allows_is_not(sound: str) -> None:
    assert _refused(sound) == []


@pytest.mark.parametrize(
    ("planted", "word"),
    [
        ("<p>Save</p>", "Save"),
        ("<p>{{ count }} boxes</p>", "boxes"),
        ("<p>{% if x %}kayıtlı{% endif %}</p>", "kayıtlı"),
        ("<p>محفوظ</p>", "محفوظ"),
        ('<img alt="The card">', "The"),
        ('<input type="submit" value="Save">', "Save"),
        ('<input placeholder="Name">', "Name"),
        ('{{ ui.button("Save it") }}', "Save it"),
        ('{{ ui.button(words="Save") }}', "Save"),
        ('{{ "Saved" if x else "" }}', "Saved"),
        ('{{ x|default("Nobody waits.") }}', "Nobody waits."),
        ('{% set title = "Waiting" %}', "Waiting"),
        ("{% call ui.ask('Is it so?') %}{% endcall %}", "Is it so?"),
    ],
)
def test_bare_words_are_found(environment: Environment, planted: str, word: str) -> None:
    assert word in _untranslated(environment, planted)


@pytest.mark.parametrize(
    "sound",
    [
        "<p>{{ _('Save') }} · 1/2</p>",
        "{{ ngettext('%(num)s box', '%(num)s boxes', n) }}",
        "{{ ui.button(_('Save'), key='Ctrl+Enter', symbol='check2') }}",
        '<p class="quiet {{ "stop" if x else "look" }}">',
        '<a href="{{ url_for("patients.search", after=key) }}">{{ icon("star") }}</a>',
        "<span>Şifa</span>",
        "{# words for a programmer #}",
        '{{ _("%(n)s waits", n="<b>"|safe) }}',
    ],
)
def test_translated_words_are_not(environment: Environment, sound: str) -> None:
    assert _untranslated(environment, sound) == []
