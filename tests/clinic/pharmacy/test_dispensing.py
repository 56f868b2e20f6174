from collections import Counter as Tally
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from clinic.auth.models import User
from clinic.chart import services as chart
from clinic.chart.rules import AllergyGroup, Severity
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent, acting_as
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.pharmacy.models import Dispense, DispenseLine, LineProgress, Owing, PassedOver
from clinic.pharmacy.queries.lines import get_prescription
from clinic.pharmacy.rules import LineState, NotGiven, OwingState, SkipReason, TooMuch
from clinic.pharmacy.services import Gone, Handed, LineClosed, Rest, Skipped, Unsafe, dispense
from clinic.sites.models import Site
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace
from clinic.visits.queries import board
from clinic.visits.rules import PlaceState
from clinic.visits.rules import Taken as InOtherHands
from inventory.stock.models import StockDocument
from inventory.stock.queries.ledger import ledger_differences
from inventory.stock.rules import BatchStatus, Expired, NotIssuable, Recalled
from inventory.stock.services import Taken, block
from tests.clinic.kernel.boxes import at_once
from tests.clinic.pharmacy.counter import Counter, Sent, create_medicine, open_counter, send
from tests.factories import create_patient, create_user, point_of, scope_of
from tests.inventory.stock.shelves import batch_key, moved, quantity_of, stock_up

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]


def hand(
    counter: Counter,
    sent: Sent,
    *lots: tuple[int, int],
    line: int = 0,
    rest: Rest = Rest.WAITS,
    because: NotGiven | None = None,
    skipped: tuple[Skipped, ...] = (),
) -> str | None:
    handed = Handed(
        line_id=sent.line_ids[line],
        taken=tuple(Taken(lot_id=lot, place_id=counter.shelf.shelf_id, quantity=units) for lot, units in lots),
        rest=rest,
        because=because,
        skipped=skipped,
    )
    prescription = get_prescription(counter.pharmacist, sent.key)
    with transaction(), acting_as(counter.pharmacist.user_id):
        return dispense(counter.pharmacist, prescription, [handed])


def given(sent: Sent, line: int = 0) -> int:
    return db.session.scalars(select(LineProgress.given).where(LineProgress.line_id == sent.line_ids[line])).one()


def owed(sent: Sent, line: int = 0) -> list[tuple[int, OwingState]]:
    rows = db.session.execute(
        select(Owing.quantity, Owing.state).where(Owing.line_id == sent.line_ids[line]).order_by(Owing.id)
    )
    return [(quantity, state) for quantity, state in rows]


def place_of(counter: Counter, sent: Sent) -> PlaceState:
    return db.session.scalars(
        select(QueuePlace.state).where(
            QueuePlace.visit_id == sent.visit_id,
            QueuePlace.service_point_id == point_of(counter.doctor.site_id, "PHARMACY"),
        )
    ).one()


def test_a_prescription_is_given_from_two_lots_in_one_document_and_the_place_ends() -> None:
    noise, counter = open_counter(), open_counter()
    item = create_medicine()
    stock_up(noise.shelf, item, 99)
    first = stock_up(counter.shelf, item, 10, expires_on=date(2027, 1, 31), batch_no="A")
    second = stock_up(counter.shelf, item, 50, expires_on=date(2027, 6, 30), batch_no="B")
    before = db.session.scalar(select(func.count()).select_from(StockDocument)) or 0
    sent, other = send(counter, (item, 30)), send(counter, (item, 30))
    key = hand(counter, sent, (first, 10), (second, 20))
    assert [quantity_of(lot, counter.shelf.shelf_id) for lot in (first, second)] == [0, 30]
    assert (moved(first), moved(second)) == ([10, -10], [50, -20])
    assert db.session.scalar(select(func.count()).select_from(StockDocument)) == before + 1
    header = db.session.scalars(select(Dispense).where(Dispense.key == key)).one()
    document = db.session.get_one(StockDocument, header.stock_document_id)
    assert document.reference.startswith(f"RX {sent.number} · ")
    assert db.session.execute(select(DispenseLine.lot_id, DispenseLine.quantity).order_by(DispenseLine.id)).all() == [
        (first, 10),
        (second, 20),
    ]
    assert (given(sent), given(other)) == (30, 0)
    assert (place_of(counter, sent), place_of(counter, other)) == (PlaceState.DONE, PlaceState.WAITING)
    assert get_prescription(counter.pharmacist, sent.key).lines[0].state is LineState.GIVEN
    assert ledger_differences() == []


def test_more_than_was_prescribed_is_never_given() -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 100)
    sent = send(counter, (item, 30))
    with pytest.raises(TooMuch) as refused:
        hand(counter, sent, (lot, 40))
    assert refused.value.values["left"] == 30
    hand(counter, sent, (lot, 30))
    with pytest.raises(TooMuch):
        hand(counter, sent, (lot, 1))
    assert (given(sent), quantity_of(lot, counter.shelf.shelf_id)) == (30, 70)


def test_of_two_tabs_of_twenty_one_is_refused(app: Flask) -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 100)
    sent = send(counter, (item, 30))
    results = at_once(app, 2, lambda _: hand(counter, sent, (lot, 20)))
    assert Tally(type(result) for result in results) == {str: 1, TooMuch: 1}
    db.session.rollback()
    assert (given(sent), quantity_of(lot, counter.shelf.shelf_id)) == (20, 80)


def test_sixteen_who_want_the_last_one_get_one_and_fifteen_read_who_took_it(app: Flask) -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 1)
    prescriptions = [send(counter, (item, 1)) for _ in range(16)]
    db.session.rollback()
    results = at_once(app, 16, lambda number: hand(counter, prescriptions[number], (lot, 1)))
    assert Tally(type(result) for result in results) == {str: 1, Gone: 15}
    refusal = next(result for result in results if isinstance(result, Gone))
    assert refusal.values["left"] == 0
    assert refusal.values["name"] == db.session.get_one(User, counter.pharmacist.user_id).name_latin
    db.session.rollback()
    assert moved(lot) == [1, -1]
    assert sum(given(sent) for sent in prescriptions) == 1
    assert db.session.scalar(select(func.count()).select_from(Dispense)) == 1
    assert ledger_differences() == []


def test_what_is_blocked_expired_or_elsewhere_is_refused_and_nothing_moves() -> None:
    noise, counter = open_counter(), open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 10, expires_on=clock.today(), batch_no="A")
    recalled = stock_up(counter.shelf, item, 10, batch_no="B")
    foreign = stock_up(noise.shelf, item, 10, batch_no="C")
    sent = send(counter, (item, 5))
    with transaction():
        block(counter.pharmacist, batch_key(recalled), because="letter", status=BatchStatus.RECALLED)
    with pytest.raises(Recalled):
        hand(counter, sent, (recalled, 5))
    with pytest.raises(NotIssuable):
        hand(counter, sent, (foreign, 5))
    with clock.frozen(clock.now() + timedelta(days=1)), pytest.raises(Expired):
        hand(counter, sent, (lot, 5))
    assert (given(sent), db.session.scalar(select(func.count()).select_from(Dispense))) == (0, 0)
    hand(counter, sent, (lot, 5))
    assert given(sent) == 5


def test_what_could_not_be_given_is_owed_lowered_and_closed_when_it_is_given() -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 12)
    sent, other = send(counter, (item, 30)), send(counter, (item, 3))
    hand(counter, sent, (lot, 12), rest=Rest.OWED)
    assert owed(sent) == [(18, OwingState.OPEN)]
    assert place_of(counter, sent) is PlaceState.DONE
    hand(counter, other, rest=Rest.OWED)
    assert db.session.scalars(select(Owing.number).order_by(Owing.id)).all() == [1, 2]
    stock_up(counter.shelf, item, 100)
    hand(counter, sent, (lot, 10))
    assert owed(sent) == [(8, OwingState.OPEN)]
    hand(counter, sent, (lot, 8))
    assert owed(sent) == [(8, OwingState.GIVEN)]
    assert (given(sent), owed(other)) == (30, [(3, OwingState.OPEN)])


def test_what_is_not_given_is_closed_with_its_reason_and_nothing_more_comes_of_it() -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 50)
    sent = send(counter, (item, 30))
    assert hand(counter, sent, rest=Rest.CLOSED, because=NotGiven.REFUSED) is None
    (line,) = get_prescription(counter.pharmacist, sent.key).lines
    assert (line.state, line.closed_because, line.rest) == (LineState.NOT_GIVEN, NotGiven.REFUSED, 0)
    assert place_of(counter, sent) is PlaceState.DONE
    with pytest.raises(LineClosed):
        hand(counter, sent, (lot, 30))
    assert db.session.scalar(select(func.count()).select_from(Dispense)) == 0


def test_an_owing_ends_when_the_rest_is_not_given_after_all() -> None:
    counter = open_counter()
    item = create_medicine()
    sent = send(counter, (item, 30))
    hand(counter, sent, rest=Rest.OWED)
    hand(counter, sent, rest=Rest.CLOSED, because=NotGiven.HAS_ENOUGH)
    assert owed(sent) == [(30, OwingState.CANCELLED)]


def test_the_place_stays_while_anything_is_left_to_do() -> None:
    counter = open_counter()
    one, two = create_medicine(), create_medicine("ibuprofen")
    lot, second = stock_up(counter.shelf, one, 50), stock_up(counter.shelf, two, 50)
    sent = send(counter, (one, 10), (two, 10))
    hand(counter, sent, (lot, 10))
    assert place_of(counter, sent) is PlaceState.WAITING
    hand(counter, sent, (second, 4), line=1)
    assert place_of(counter, sent) is PlaceState.WAITING
    hand(counter, sent, (second, 6), line=1)
    assert place_of(counter, sent) is PlaceState.DONE


def test_a_lot_passed_over_is_kept_with_its_reason() -> None:
    counter = open_counter()
    item = create_medicine()
    first, second = stock_up(counter.shelf, item, 50), stock_up(counter.shelf, item, 50, batch_no="B")
    sent = send(counter, (item, 10))
    hand(counter, sent, (second, 10), skipped=(Skipped(lot_id=first, because=SkipReason.DAMAGED, note="wet"),))
    (passed,) = db.session.scalars(select(PassedOver)).all()
    assert (passed.lot_id, passed.because, passed.note) == (first, SkipReason.DAMAGED, "wet")


def test_a_line_of_another_prescription_or_site_is_not_there() -> None:
    counter, other = open_counter(), open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 50)
    mine, foreign = send(counter, (item, 5)), send(other, (item, 5))
    swapped = Sent(mine.id, mine.key, mine.visit_id, mine.number, mine.patient_id, foreign.line_ids)
    with pytest.raises(NotFound):
        hand(counter, swapped, (lot, 5))
    with pytest.raises(NotFound):
        get_prescription(counter.pharmacist, foreign.key)
    assert (given(foreign), quantity_of(lot, counter.shelf.shelf_id)) == (0, 50)


def test_who_gave_what_is_on_record_and_stands_as_written() -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 50)
    sent = send(counter, (item, 5))
    hand(counter, sent, (lot, 5))
    assert db.session.execute(
        select(AuditEvent.act, AuditEvent.actor_id, AuditEvent.detail).where(
            AuditEvent.table_name == "line_progress", AuditEvent.act == "UPDATE"
        )
    ).all() == [("UPDATE", counter.pharmacist.user_id, {"changed": ["given"]})]
    for statement in (
        update(Dispense).values(patient_id=1),
        delete(Dispense),
        update(DispenseLine).values(quantity=1),
        delete(DispenseLine),
    ):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(statement)


def test_a_colleagues_patient_is_not_taken_from_their_hands() -> None:
    counter = open_counter()
    item = create_medicine()
    lot = stock_up(counter.shelf, item, 50)
    sent = send(counter, (item, 5))
    (place,) = board(counter.pharmacist, point_of(counter.doctor.site_id, "PHARMACY"))
    colleague = scope_of(create_user(db.session.get_one(Site, counter.doctor.site_id)))
    with transaction():
        visits.start(colleague, place.key)
    with pytest.raises(InOtherHands):
        hand(counter, sent, (lot, 5))
    assert given(sent) == 0


def test_an_allergy_stops_the_counter_unless_the_doctor_signed_for_it_and_always_when_it_came_later() -> None:
    counter = open_counter()
    item = create_medicine(allergy_group=AllergyGroup.PENICILLIN)
    lot = stock_up(counter.shelf, item, 50)
    patient_id = create_patient(counter.doctor, given_latin="Layan").id
    allergic = create_patient(counter.doctor, given_latin="Ziad").id
    with transaction():
        chart.record_allergy(
            counter.doctor, allergic, substance="penicillin", group=AllergyGroup.PENICILLIN, severity=Severity.SEVERE
        )
    signed = send(counter, (item, 5), patient_id=allergic, override="tolerated since")
    later = send(counter, (item, 5), patient_id=patient_id)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        hand(counter, signed, (lot, 5))
        with transaction():
            chart.record_allergy(
                counter.doctor, patient_id, substance="amoxicillin", group=None, severity=Severity.UNKNOWN
            )
        with pytest.raises(Unsafe):
            hand(counter, later, (lot, 5))
        hand(counter, later, rest=Rest.CLOSED, because=NotGiven.UNSAFE)
    assert (given(signed), given(later)) == (5, 0)
