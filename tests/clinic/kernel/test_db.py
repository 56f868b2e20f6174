from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, Event, Thread

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from clinic.kernel.audit import record_read
from clinic.kernel.db import (
    NestedTransaction,
    WriteOutsideTransaction,
    db,
    ensure_version,
    keep_though_refused,
    side_transaction,
    transaction,
    writing,
)
from clinic.kernel.errors import Busy, ProgrammingMistake, Stale
from tests.clinic.kernel.boxes import Box, Leaving, Short, at_once, create_box, take_one

pytestmark = pytest.mark.postgres


def units_of(box_id: int) -> int:
    return db.session.scalars(select(Box.units).where(Box.id == box_id)).one()


@pytest.mark.usefixtures("desk")
def test_what_is_done_in_a_transaction_is_kept_and_what_is_refused_is_not() -> None:
    with transaction() as session:
        assert writing()
        session.add(Box(name="kept"))
    with pytest.raises(Short), transaction() as session:
        session.add(Box(name="lost"))
        session.flush()
        raise Short("Nothing is left.")
    assert not writing()
    assert db.session.scalars(select(Box.name)).all() == ["kept"]


def test_forty_who_want_one_of_ten_get_ten(boxes: Flask) -> None:
    with boxes.app_context():
        box_id, noise_id = create_box(units=10), create_box(units=10)
    results = at_once(boxes, 40, lambda _: take_one(box_id))
    assert results.count(None) == 10
    assert sum(isinstance(result, Short) for result in results) == 30
    with boxes.app_context():
        assert (units_of(box_id), units_of(noise_id)) == (0, 10)
        assert db.session.scalar(select(func.count()).select_from(Leaving)) == 10


def test_ten_open_reads_do_not_hold_a_writer_up(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box()
    saved, reading = Event(), [Event() for _ in range(10)]
    were_saved: list[bool] = []

    def read(started: Event) -> None:
        with boxes.app_context():
            units_of(box_id)
            started.set()
            were_saved.append(saved.wait(timeout=10))
            units_of(box_id)

    readers = [Thread(target=read, args=(started,)) for started in reading]
    for reader in readers:
        reader.start()
    assert all(started.wait(timeout=10) for started in reading)
    with boxes.app_context():
        take_one(box_id)
    saved.set()
    for reader in readers:
        reader.join()
    assert were_saved == [True] * 10, "the writer had to wait until a reader gave up"


def test_a_row_changed_between_a_page_and_its_form_is_seen_by_the_form(desk: Flask) -> None:
    box_id = create_box(units=1)
    box = db.session.get_one(Box, box_id)
    assert box.units == 1
    at_once(desk, 1, lambda _: take_one(box_id))
    with pytest.raises(Short):
        take_one(box_id)
    assert box.units == 0


def test_who_waits_for_the_lock_decides_by_what_is_true_when_it_comes(desk: Flask) -> None:
    box_id = create_box(units=1)
    came: list[Exception | None] = []
    with transaction() as session:
        session.get_one(Box, box_id, with_for_update=True).units = 0
        session.flush()
        waiter = Thread(target=lambda: came.extend(at_once(desk, 1, lambda _: take_one(box_id))))
        waiter.start()
    waiter.join()
    assert [type(result) for result in came] == [Short]


def plain_flush(_box_id: int) -> None:
    db.session.add(Box())
    db.session.flush()


def changed_row(box_id: int) -> None:
    db.session.get_one(Box, box_id).units = 0
    db.session.flush()


def orm_statement(box_id: int) -> None:
    db.session.execute(update(Box).where(Box.id == box_id).values(units=0))


def orm_insert(box_id: int) -> None:
    db.session.execute(insert(Leaving).values(box_id=box_id))


def textual_statement(_box_id: int) -> None:
    db.session.execute(text("UPDATE box SET units = 0"))


def sessions_connection(_box_id: int) -> None:
    db.session.connection().execute(text("UPDATE box SET units = 0"))


def connection_that_asks_too_late(_box_id: int) -> None:
    units_of(_box_id)
    db.session.connection(execution_options={"clinic_writes": True}).execute(text("UPDATE box SET units = 0"))


def own_connection(_box_id: int) -> None:
    with db.engine.connect() as connection:
        connection.execute(text("UPDATE box SET units = 0"))
        connection.commit()


def driver_statement(_box_id: int) -> None:
    db.session.connection().exec_driver_sql("DELETE FROM box")


def bulk_save(_box_id: int) -> None:
    db.session.bulk_save_objects([Box()])


def bulk_insert(_box_id: int) -> None:
    db.session.bulk_insert_mappings(Box, [{"units": 1}])


def own_commit(box_id: int) -> None:
    units_of(box_id)
    db.session.commit()


def savepoint(box_id: int) -> None:
    with db.session.begin_nested():
        db.session.get_one(Box, box_id).units = 0


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    "road",
    [
        plain_flush,
        changed_row,
        orm_statement,
        orm_insert,
        textual_statement,
        sessions_connection,
        connection_that_asks_too_late,
        own_connection,
        driver_statement,
        bulk_save,
        bulk_insert,
        own_commit,
        savepoint,
    ],
)
def test_nothing_is_written_outside_a_transaction_by_any_road(road: Callable[[int], None]) -> None:
    box_id = create_box()
    with pytest.raises((WriteOutsideTransaction, DBAPIError, Warning)):
        road(box_id)
    db.session.rollback()
    assert db.session.execute(select(Box.id, Box.units)).all() == [(box_id, 10)]


@pytest.mark.usefixtures("desk")
def test_a_textual_read_is_a_read() -> None:
    create_box()
    assert db.session.execute(text("SELECT count(*) FROM box")).scalar() == 1


@pytest.mark.usefixtures("desk")
def test_a_row_changed_before_the_transaction_opened_is_not_slipped_in() -> None:
    box_id = create_box()
    db.session.get_one(Box, box_id).units = 0
    with pytest.raises(WriteOutsideTransaction), transaction():
        pass
    db.session.rollback()
    assert units_of(box_id) == 10


@pytest.mark.usefixtures("desk")
def test_a_service_that_rolls_back_cannot_write_on() -> None:
    with pytest.raises(DBAPIError), transaction() as session:
        session.rollback()
        session.execute(text("DELETE FROM leaving"))


@pytest.mark.usefixtures("desk")
def test_a_service_that_rolls_back_is_found_at_the_end() -> None:
    with pytest.raises(ProgrammingMistake, match="ended the transaction"), transaction() as session:
        session.add(Box())
        session.flush()
        session.rollback()


@pytest.mark.usefixtures("desk")
def test_a_service_cannot_commit() -> None:
    with pytest.raises(WriteOutsideTransaction, match="only transaction"), transaction() as session:
        session.add(Box())
        session.commit()
    assert db.session.scalars(select(Box.id)).all() == []


@pytest.mark.usefixtures("desk")
def test_a_savepoint_may_be_kept_inside_a_transaction() -> None:
    with transaction() as session, session.begin_nested():
        session.add(Box(name="kept"))
    assert db.session.scalars(select(Box.name)).all() == ["kept"]


def test_a_transaction_never_nests_not_even_through_an_inner_context(desk: Flask) -> None:
    with pytest.raises(NestedTransaction), transaction(), transaction():
        pass
    with pytest.raises(NestedTransaction), transaction(), desk.app_context(), transaction():
        pass
    with pytest.raises(NestedTransaction), transaction(), side_transaction():
        pass
    with pytest.raises(NestedTransaction), side_transaction(), transaction():
        pass
    create_box()


@pytest.mark.usefixtures("desk")
def test_a_form_filled_from_an_old_version_is_refused() -> None:
    box_id = create_box()
    seen = db.session.get_one(Box, box_id).version
    with transaction() as session:
        box = session.get_one(Box, box_id)
        ensure_version(box, seen)
        box.name = "first"
    with pytest.raises(Stale), transaction() as session:
        box = session.get_one(Box, box_id)
        ensure_version(box, seen)
    assert db.session.get_one(Box, box_id).version == seen + 1


@pytest.mark.usefixtures("desk")
def test_a_save_that_finds_its_version_gone_is_stale() -> None:
    box_id = create_box()
    with pytest.raises(Stale), transaction() as session:
        box = session.get_one(Box, box_id)
        session.execute(text("UPDATE box SET version = version + 1"))
        box.name = "late"
    assert db.session.get_one(Box, box_id).name == ""


@pytest.mark.only_on("postgresql")
@pytest.mark.usefixtures("desk")
def test_connections_that_the_server_cut_while_idle_are_not_noticed_by_anyone(desk: Flask) -> None:
    box_id = create_box()
    record_read("box", box_id)
    foreign = create_engine(db.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with foreign.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    take_one(box_id)
    record_read("box", box_id)
    assert units_of(box_id) == 9


@pytest.mark.only_on("postgresql")
def test_a_deadlock_is_busy_for_the_one_who_is_let_down(boxes: Flask) -> None:
    with boxes.app_context():
        box_ids = [create_box(), create_box()]
    both_hold_one = Barrier(2)

    def take_both(number: int) -> None:
        with transaction() as session:
            first, second = box_ids if number else reversed(box_ids)
            session.get_one(Box, first, with_for_update=True).name = str(number)
            both_hold_one.wait(10)
            session.get_one(Box, second, with_for_update=True).name = str(number)

    results = at_once(boxes, 2, take_both)
    assert sorted(type(result).__name__ for result in results) == ["Busy", "NoneType"]


def test_a_writer_for_whom_no_connection_is_free_is_busy(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box()
        pool = db.engine.pool
        pool._timeout = 0.05  # type: ignore[attr-defined]
        held = [db.engine.connect() for _ in range(20)]
        with pytest.raises(Busy):
            take_one(box_id)
        for connection in held:
            connection.close()
        take_one(box_id)


def take(box_id: int) -> None:
    db.session.get_one(Box, box_id).units -= 1


@pytest.mark.usefixtures("desk")
def test_what_must_be_kept_though_the_act_is_refused_is_kept_after_it() -> None:
    box_id = create_box(units=3)
    with pytest.raises(Short), transaction():
        take(box_id)
        keep_though_refused(lambda: take(box_id))
        raise Short("no")
    assert units_of(box_id) == 2


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("ends", [None, RuntimeError("broken")])
def test_what_is_to_be_kept_of_a_refusal_is_not_kept_of_anything_else(ends: Exception | None) -> None:
    box_id = create_box(units=3)
    with suppress(RuntimeError), transaction():
        keep_though_refused(lambda: take(box_id))
        if ends is not None:
            raise ends
    assert units_of(box_id) == 3
