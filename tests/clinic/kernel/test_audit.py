from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import Column, ForeignKey, Table, event, insert, select, text, update
from sqlalchemy.orm import Mapped, configure_mappers, mapped_column, relationship

from clinic.kernel import audit
from clinic.kernel.audit import Audited, AuditEvent, UnrecordedWrite, acting_as, actor_id, record, record_read
from clinic.kernel.clock import now
from clinic.kernel.db import Base, NestedTransaction, db, transaction
from clinic.kernel.errors import ProgrammingMistake
from tests.clinic.kernel.boxes import Box, Leaving, Shelf, Short, at_once, create_box

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("desk")]


def events(**fields: object) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).filter_by(**fields).order_by(AuditEvent.id)))


def facts(found: list[AuditEvent]) -> list[tuple[str, str, Any]]:
    return [(one.act, one.table_name, one.detail) for one in found]


def test_every_change_is_recorded_with_who_when_and_which_fields_but_no_values() -> None:
    with acting_as(7):
        box_id = create_box(name="secret")
        create_box(name="noise")
        with transaction() as session:
            session.get_one(Box, box_id).units = 3
    key = db.session.get_one(Box, box_id).key
    found = events(row_key=key)
    assert facts(found) == [("CREATE", "box", ""), ("UPDATE", "box", {"changed": ["units"]})]
    assert {(one.actor_id, one.at) for one in found} == {(7, now())}
    assert len(events()) == 3


def test_values_are_recorded_where_the_table_says_so() -> None:
    with transaction() as session:
        shelf = Shelf(label="left")
        session.add(shelf)
    with transaction() as session:
        session.get_one(Shelf, 1).label = "right"
    with transaction() as session:
        session.delete(session.get_one(Shelf, 1))
    assert facts(events(row_key="1")) == [
        ("CREATE", "shelf", {"values": {"id": 1, "label": "left"}}),
        ("UPDATE", "shelf", {"values": {"label": ["left", "right"]}}),
        ("DELETE", "shelf", {"values": {"id": 1, "label": "right"}}),
    ]


def test_a_row_that_goes_unread_is_recorded_as_it_was() -> None:
    with transaction() as session:
        session.add(Shelf(label="left"))
    with transaction() as session:
        shelf = session.get_one(Shelf, 1)
        session.expire(shelf)
        session.delete(shelf)
    assert facts(events(act="DELETE")) == [("DELETE", "shelf", {"values": {"id": 1, "label": "left"}})]


def test_a_row_that_was_touched_and_not_changed_leaves_no_record() -> None:
    box_id = create_box(name="same")
    with transaction() as session:
        session.get_one(Box, box_id).name = "same"
    assert [one.act for one in events()] == ["CREATE"]


def test_a_table_that_is_not_audited_leaves_no_record() -> None:
    box_id = create_box()
    with transaction() as session:
        session.add(Leaving(box_id=box_id))
    assert {one.table_name for one in events()} == {"box"}


def test_what_is_refused_leaves_no_record() -> None:
    with pytest.raises(Short), transaction() as session:
        session.add(Box())
        session.flush()
        record("PRINT", "box", 1)
        raise Short("Nothing is left.")
    create_box()
    assert [one.act for one in events()] == ["CREATE"]


def test_a_savepoint_that_is_undone_takes_its_records_with_it() -> None:
    with transaction() as session:
        session.add(Box(name="kept"))
        session.flush()
        with pytest.raises(Short), session.begin_nested():
            session.add(Shelf(label="lost"))
            session.flush()
            with session.begin_nested():
                session.add(Shelf(label="lost with it"))
            raise Short("Nothing is left.")
        with session.begin_nested():
            session.add(Shelf(label="kept"))
    assert [(one.act, one.table_name) for one in events()] == [("CREATE", "box"), ("CREATE", "shelf")]


def test_many_changes_are_written_by_one_statement_before_the_commit() -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:  # noqa: ANN401 - the event's five
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    with transaction() as session:
        session.add_all([Box(), Box(), Shelf(label="x")])
    event.remove(db.engine, "before_cursor_execute", note)
    assert [statement.split(" (")[0] for statement in statements if "audit_event" in statement] == [
        "INSERT INTO audit_event"
    ]
    assert len(events()) == 3


@pytest.mark.parametrize("road", ["session", "connection"])
@pytest.mark.parametrize(
    "statement", [update(Box).values(units=0), insert(Box).values(units=1, key="k", version=1, name="", state="OPEN")]
)
def test_a_bulk_statement_on_an_audited_table_is_refused(statement: Any, road: str) -> None:  # noqa: ANN401
    create_box()
    with pytest.raises(UnrecordedWrite), transaction() as session:
        (session if road == "session" else session.connection()).execute(statement)
    assert db.session.scalars(select(Box.units)).all() == [10]


@pytest.mark.parametrize("road", ["session", "connection"])
def test_a_guarded_update_that_writes_its_record_by_hand_passes(road: str) -> None:
    box_id = create_box()
    statement = update(Box).where(Box.id == box_id).values(units=0).execution_options(**{audit.BY_HAND: True})
    with transaction() as session:
        (session if road == "session" else session.connection()).execute(statement)
        record("UPDATE", "box", box_id, {"changed": ["units"]})
    assert facts(events(row_key=str(box_id))) == [("UPDATE", "box", {"changed": ["units"]})]


def test_a_shortcut_table_on_an_audited_class_is_refused() -> None:
    metadata = Base.metadata
    link = Table("link", metadata, Column("a", ForeignKey("linked.id")), Column("b", ForeignKey("linked.id")))

    class Linked(Audited, Base):
        __tablename__ = "linked"
        id: Mapped[int] = mapped_column(primary_key=True)
        others: Mapped[list["Linked"]] = relationship(
            secondary=link, primaryjoin="Linked.id == link.c.a", secondaryjoin="Linked.id == link.c.b"
        )

    try:
        with pytest.raises(UnrecordedWrite, match="Linked has a `secondary` table"):
            configure_mappers()
    finally:
        Base.registry._dispose_cls(Linked)
        metadata.remove(link)
        metadata.remove(Linked.__table__)


def test_an_act_that_no_row_tells_of_is_recorded_with_the_transaction() -> None:
    with transaction():
        record("SIGN_IN", "app_user", 5, {"from": "desk"})
    assert facts(events(row_key="5")) == [("SIGN_IN", "app_user", {"from": "desk"})]
    with pytest.raises(ProgrammingMistake, match="inside transaction"):
        record("SIGN_IN", "app_user", 5)


def test_the_actor_of_a_request_is_the_one_that_the_request_set(desk: Flask) -> None:
    with desk.test_request_context():
        assert actor_id() is None
        g.actor_id, g.site_id = 3, 2
        with transaction():
            record("PRINT", "box", 1)
        with acting_as(9):
            assert actor_id() == 9
        assert actor_id() == 3
    assert [(one.actor_id, one.site_id) for one in events()] == [(3, 2)]


def test_the_actor_of_a_command_does_not_outlast_it() -> None:
    with acting_as(4):
        pass
    create_box()
    assert [one.actor_id for one in events()] == [None]


def test_a_look_is_recorded_beside_an_open_read_and_nothing_expires() -> None:
    box_id = create_box()
    box = db.session.get_one(Box, box_id)
    opened = db.session().get_transaction()
    record_read("box", box.key, "search")
    assert db.session().get_transaction() is opened
    assert "units" in box.__dict__
    assert facts(events(row_key=box.key))[1:] == [("READ", "box", "search")]


def test_a_refused_look_is_recorded_without_a_transaction() -> None:
    record_read("patient", "k", act="REFUSED")
    assert facts(events()) == [("REFUSED", "patient", "")]


def test_a_record_from_an_inner_context_joins_the_transaction_that_is_open(desk: Flask) -> None:
    with transaction(), desk.app_context():
        record("PRINT", "box", 1)
    assert [one.act for one in events()] == ["PRINT"]


def test_a_look_is_not_recorded_while_writing() -> None:
    with pytest.raises(NestedTransaction), transaction():
        record_read("box", 1)


def test_readers_on_every_connection_do_not_starve_one_another_of_the_record(desk: Flask) -> None:
    box_id = create_box()
    readers = db.engine.pool.size() + db.engine.pool._max_overflow  # type: ignore[attr-defined]

    def read(_: int) -> None:
        db.session.execute(text("SELECT units FROM box"))
        record_read("box", box_id)

    assert at_once(desk, readers, read) == [None] * readers
    assert len(events(act="READ")) == readers
