import random
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import text

from clinic.kernel import audit, chain, clock, guards
from clinic.kernel.clock import now
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import ProgrammingMistake

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]


keys = count()

BLOCK_1 = "block 1 is not what was sealed"
SLIPPED_IN = "INSERT INTO audit_event (id, at, act, table_name, row_key, detail) VALUES (3, 0, 'A', 'b', 'c', '0')"

CHANGES = [
    "UPDATE audit_event SET row_key = row_key || '.' WHERE id = :a AND id <> :b",
    "UPDATE audit_event SET row_key = (SELECT row_key FROM audit_event WHERE id = :b) WHERE id = :a",
    "DELETE FROM audit_event WHERE id = :a AND id <> :b",
]


def record(number: int) -> None:
    with transaction():
        for _ in range(number):
            audit.record("PRINT", "box", next(keys), {"copies": 1})


def seal() -> str:
    with transaction():
        return chain.seal()


def verify(head: str | None) -> list[str]:
    with db.engine.connect() as connection:
        return chain.verify(connection, head)


def tamper(*statements: str) -> None:
    """Change rows as someone could who owns the schema."""
    with transaction() as session:
        guards.drop_all(session.connection())
        for statement in statements:
            session.connection().exec_driver_sql(statement)
        guards.create_all(session.connection())


def test_a_chain_that_nobody_touched_is_whole() -> None:
    assert verify(None) == []
    record(3)
    first = seal()
    record(2)
    second = seal()
    assert first != second
    assert seal() == second, "nothing new to close"
    assert [verify(head) for head in (None, first, second)] == [[], [], []]


def test_what_a_sealing_transaction_records_joins_the_next_block() -> None:
    with transaction():
        audit.record("PRINT", "box", 1)
        assert chain.seal() == chain.START
    assert seal() != chain.START
    assert verify(None) == []


def test_a_chain_is_closed_inside_a_transaction_only() -> None:
    with pytest.raises(ProgrammingMistake):
        chain.seal()


@pytest.mark.parametrize(
    ("statements", "finding"),
    [
        (["UPDATE audit_event SET act = 'PRINTED' WHERE id = 2"], BLOCK_1),
        (["UPDATE audit_event SET at = at + 1 WHERE id = 4"], "block 2 is not what was sealed"),
        (["UPDATE audit_event SET actor_id = 1 WHERE id = 2"], BLOCK_1),
        (["UPDATE audit_event SET detail = '{\"copies\": 2}' WHERE id = 2"], BLOCK_1),
        (["DELETE FROM audit_event WHERE id = 3"], "block 1 has 2 of its 3 events"),
        (
            [
                "UPDATE audit_event SET id = 99 WHERE id = 1",
                "UPDATE audit_event SET id = 1 WHERE id = 2",
                "UPDATE audit_event SET id = 2 WHERE id = 99",
            ],
            BLOCK_1,
        ),
        (
            ["UPDATE audit_block SET members = '[[1, 2]]', event_count = 2 WHERE id = 1"],
            BLOCK_1,
        ),
        (["UPDATE audit_block SET at = at + 1 WHERE id = 2"], "block 2 is not what was sealed"),
        (["DELETE FROM audit_block WHERE id = 1"], "block 2 does not follow the block before it"),
    ],
)
def test_whatever_is_changed_dropped_or_moved_is_found(statements: list[str], finding: str) -> None:
    record(3)
    seal()
    record(3)
    seal()
    tamper(*statements)
    assert verify(None) == [finding]


def test_a_tail_that_was_cut_off_is_found_by_the_printed_head_and_not_without() -> None:
    record(3)
    earlier = seal()
    record(3)
    printed = seal()
    tamper("DELETE FROM audit_event WHERE id > 3", "DELETE FROM audit_block WHERE id = 2")
    assert verify(None) == []
    assert verify(earlier) == []
    assert verify(printed) == ["the printed head stands in no block: the end of the chain was cut off or made anew"]


def test_an_event_slipped_in_later_under_a_number_left_free_is_found_after_two_days() -> None:
    record(1)
    tamper("UPDATE audit_event SET id = 5")
    seal()
    with clock.frozen(now() + timedelta(days=3)):
        tamper(SLIPPED_IN)
        seal()
        assert verify(None) == ["event 3 stands in no block"]


def test_an_event_that_was_committed_late_joins_the_next_block() -> None:
    record(1)
    tamper("UPDATE audit_event SET id = 5")
    first = seal()
    tamper(SLIPPED_IN)
    assert verify(first) == []
    second = seal()
    assert second != first
    assert verify(second) == []


def test_small_changes_at_random_are_all_found() -> None:
    dice = random.Random(5)  # noqa: S311 - the same throws in every run
    for _ in range(4):
        record(5)
        head = seal()
    rows = 20
    for _ in range(100):
        a, b = dice.sample(range(1, rows + 1), 2)
        change = text(dice.choice(CHANGES))
        with transaction() as session:
            guards.drop_all(session.connection())
            nested = session.begin_nested()
            session.execute(change, {"a": a, "b": b})
            assert chain.verify(session.connection(), head) != [], (change.text, a, b)
            nested.rollback()
            guards.create_all(session.connection())
    assert verify(head) == []
