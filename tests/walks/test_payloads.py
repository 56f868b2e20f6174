"""Whatever words stand in the database, every page shows them as words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import String, Table, Text

from clinic.kernel.db import Base
from tests.walks.addresses import list_addresses
from tests.walks.ground import Walk
from tests.walks.markup import Markup
from tests.walks.test_routes import those_who_may
from tests.walks.texts import MARK
from tests.walks.visitor import Visitor

_ELEMENTS = (
    f"<{MARK}>",
    f"<{MARK}",
    f"<img src=x {MARK}=1>",
    f"<svg/{MARK}=1>",
    f"<a href=javascript:{MARK}()>",
    f"<iframe {MARK}=1 srcdoc=x>",
    f"<input autofocus {MARK}=1>",
    f"<p style=x {MARK}=1>",
    f"<script {MARK}=1>1</script>",
    f"<!--><{MARK}>",
)
_OPENINGS = ("", '">', "'>", "</textarea>", "</title>", "</script>", "-->", "</option></select>", "]]>", '\\">')
PAYLOADS = tuple(opening + element for opening in _OPENINGS for element in _ELEMENTS)
_SMALL = (
    f"<{MARK}>",
    f'"><{MARK}>',
    f"'><img src=x {MARK}=1>",
    f'" {MARK}=1 x="',
    f"' {MARK}=1 x='",
    f"</textarea><{MARK}>",
    f"</title><{MARK}>",
    f"</script><script {MARK}=1>",
    f"--><svg/{MARK}=1>",
    f"&lt;{MARK}&gt;<{MARK}>",
    f"{{{{ 7919 * 7907 }}}}<{MARK}>",
    f"%(name)s %s %<{MARK}>",
)

# Texts that nobody types: codes, digests, addresses, what a program reads back.
_NOT_TYPED = {
    "app_user": {"password_hash", "language"},
    "sign_in_attempt": {"address"},
    "patient": {"language", "label_language", "nationality", "phone", "phone_reversed"},
    "patient_identifier": {"value"},
    "prescription_line": {"dose_times"},
    "formulary_entry": {"ven", "route"},
    "item": {"base_unit", "form", "atc"},
    "observation": {"kind"},
    "visit": {"language"},
    "lot": {"currency"},
    "audit_event": {"act", "table_name", "row_key", "detail"},
    "operation": {"answer", "digest", "action", "key"},
    "user_session": {"token_hash"},
    "certificate": {"text"},  # JSON that we wrote; what people typed stands in it as strings
}
_NOT_TYPED_ANYWHERE = {"key", "code", "currency", "hash", "digest"}


def typed_columns(table: Table) -> Iterator[str]:
    """Yield the columns of a table that hold words of people."""
    for column in table.columns:
        is_bare = type(column.type) in {String, Text}
        is_tied = column.primary_key or column.foreign_keys
        if is_bare and not is_tied and column.name not in _NOT_TYPED_ANYWHERE | _NOT_TYPED.get(table.name, set()):
            yield column.name


def fill(walk: Walk, payloads: tuple[str, ...], turn: int) -> int:
    """Write payloads over every word of people, past all that guards them; return how many columns hold some."""
    number = turn
    with closing(sqlite3.connect(walk.file)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        for table in Base.metadata.tables.values():
            for column in typed_columns(table):
                number += 1
                payload = payloads[number % len(payloads)]
                # each row its own, so that what must differ does
                connection.execute(f'UPDATE "{table.name}" SET "{column}" = ? || rowid', (payload,))  # noqa: S608 - names of our own tables
        connection.commit()
    return number - turn


def walk_pages(walk: Walk, payloads: tuple[str, ...], turn: int) -> int:
    """Open every page over a filled database, hold that no payload became markup; return on how many one stood."""
    walk.put_back()
    assert fill(walk, payloads, turn) > 40
    seen = 0
    for page in list_addresses():
        for role in sorted(those_who_may(page))[:1] if page.method == "GET" else ():
            for path in page.all_at(walk.world.here):
                answer = Visitor(walk.app, walk.world.here.staff[role]).go(page, path)
                if answer.mimetype == "text/html":
                    text = answer.get_data(as_text=True)
                    found = Markup(text)
                    assert [tag for tag in found.tags if is_made_of_a_payload(*tag)] == [], path
                    assert "62615533" not in text
                    seen += MARK in text
    return seen


def is_made_of_a_payload(tag: str, told: dict[str, str]) -> bool:
    """Whether an element, or an attribute that acts, was made of what somebody typed."""
    acts = [value for name, value in told.items() if name in {"href", "src", "action", "formaction", "srcdoc", "style"}]
    return MARK in tag or MARK in told or any(value.lower().lstrip().startswith("javascript:") for value in acts)


@pytest.mark.parametrize("turn", [0, 5, 10])
def test_what_people_typed_stays_text_on_every_page(walk: Walk, turn: int) -> None:
    assert walk_pages(walk, _SMALL, turn) > 5


@pytest.mark.heavy
@pytest.mark.parametrize("turn", range(len(PAYLOADS)))
def test_a_hundred_payloads_stay_text_on_every_page(walk: Walk, turn: int) -> None:
    assert walk_pages(walk, PAYLOADS, turn) > 5


def test_a_payload_that_became_markup_is_seen() -> None:
    for payload in (*_SMALL, *PAYLOADS):
        found = Markup(f"<p title=\"{payload}\" lang='{payload}'>{payload}</p>")
        assert any(is_made_of_a_payload(*tag) for tag in found.tags), payload
