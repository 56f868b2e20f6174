from collections import Counter
from datetime import date, timedelta
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from clinic.kernel import clock
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from inventory.stock.models import Balance, Movement, StockDocument
from inventory.stock.queries.ledger import ledger_differences
from inventory.stock.rules import BatchStatus, Expired, Kind, NotIssuable, Reason, Recalled, Short
from inventory.stock.services import Heading, Line, Taken, block, issue, post, unblock
from tests.clinic.kernel.boxes import at_once
from tests.inventory.stock.shelves import (
    FAR,
    Shelf,
    batch_key,
    count_documents,
    create_item,
    moved,
    open_shelf,
    quantity_of,
    stock_up,
)

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]


def take(shelf: Shelf, *taken: tuple[int, int]) -> int:
    with transaction(), acting_as(shelf.scope.user_id):
        return issue(
            shelf.scope,
            [Taken(lot_id=lot_id, place_id=shelf.shelf_id, quantity=quantity) for lot_id, quantity in taken],
        )


def stop(shelf: Shelf, lot_id: int, status: BatchStatus = BatchStatus.RECALLED) -> None:
    key = batch_key(lot_id)
    with transaction(), acting_as(shelf.scope.user_id):
        block(shelf.scope, key, because="the maker says so", status=status)


def test_what_is_issued_leaves_the_balance_and_stands_in_the_ledger() -> None:
    shelf, other = open_shelf(), open_shelf()
    item_id = create_item()
    lot, noise = stock_up(shelf, item_id, 50), stock_up(other, item_id, 50, donor="Other donor")
    document_id = take(shelf, (lot, 30))
    assert (quantity_of(lot, shelf.shelf_id), quantity_of(noise, other.shelf_id)) == (20, 50)
    assert moved(lot) == [50, -30]
    document = db.session.get_one(StockDocument, document_id)
    assert (document.kind, document.reason, document.recorded_by_id) == (
        Kind.ISSUE,
        Reason.DISPENSE,
        shelf.scope.user_id,
    )
    assert ledger_differences() == []


def test_one_too_many_is_refused_by_how_many_and_nothing_is_written() -> None:
    shelf = open_shelf()
    item_id = create_item()
    first, second = stock_up(shelf, item_id, 10), stock_up(shelf, item_id, 10, batch_no="B1")
    with pytest.raises(Short) as refused:
        take(shelf, (first, 10), (second, 13))
    assert refused.value.values["missing"] == 3
    assert refused.value.values["batch"] == "B1"
    assert [quantity_of(lot, shelf.shelf_id) for lot in (first, second)] == [10, 10]
    assert count_documents() == 2


def test_the_same_lot_twice_in_one_form_is_decided_as_one() -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    with pytest.raises(Short) as refused:
        take(shelf, (lot, 6), (lot, 6))
    assert refused.value.values["missing"] == 2
    take(shelf, (lot, 4), (lot, 6))
    assert quantity_of(lot, shelf.shelf_id) == 0
    assert moved(lot) == [10, -10]


def test_a_lot_is_usable_through_its_last_day_in_the_clinics_zone_and_not_after() -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item(), 10, expires_on=date(2026, 11, 24))
    with clock.frozen(clock.at(date(2026, 11, 24), 23, 59)):
        take(shelf, (lot, 1))
    with clock.frozen(clock.at(date(2026, 11, 25), 0, 0)), pytest.raises(Expired):
        take(shelf, (lot, 1))
    assert quantity_of(lot, shelf.shelf_id) == 9


def test_what_does_not_spoil_has_no_last_day() -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item("gauze", is_perishable=False), 10, expires_on=None)
    with clock.frozen(clock.now() + timedelta(days=9000)):
        take(shelf, (lot, 1))
    assert quantity_of(lot, shelf.shelf_id) == 9


def test_nothing_is_issued_from_quarantine_or_from_another_site() -> None:
    shelf, other = open_shelf(), open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    with transaction(), acting_as(shelf.scope.user_id):
        post(
            shelf.scope,
            Heading(kind=Kind.QUARANTINE, reason=Reason.COLD_CHAIN),
            [
                Line(lot_id=lot, place_id=shelf.shelf_id, quantity=-4),
                Line(lot_id=lot, place_id=shelf.quarantine_id, quantity=4),
            ],
        )
    with pytest.raises(NotIssuable), transaction():
        issue(shelf.scope, [Taken(lot_id=lot, place_id=shelf.quarantine_id, quantity=1)])
    with pytest.raises(NotIssuable), transaction():
        issue(other.scope, [Taken(lot_id=lot, place_id=shelf.shelf_id, quantity=1)])
    with pytest.raises(NotIssuable), transaction():
        issue(other.scope, [Taken(lot_id=lot, place_id=other.shelf_id, quantity=1)])
    assert (quantity_of(lot, shelf.shelf_id), quantity_of(lot, shelf.quarantine_id)) == (6, 4)
    assert ledger_differences() == []


def test_a_blocked_batch_goes_out_nowhere_until_it_is_let_go() -> None:
    shelf, other = open_shelf(), open_shelf()
    item_id = create_item()
    here, there = stock_up(shelf, item_id, 10), stock_up(other, item_id, 10, donor="Other donor")
    noise = stock_up(shelf, item_id, 10, batch_no="B1")
    stop(shelf, here)
    for at, lot in ((shelf, here), (other, there)):
        with pytest.raises(Recalled) as refused:
            take(at, (lot, 1))
        assert refused.value.values["batch"] == "A1"
    take(shelf, (noise, 1))
    with transaction():
        unblock(other.scope, batch_key(there), because="the maker was wrong")
    take(shelf, (here, 1))
    take(other, (there, 1))
    assert ledger_differences() == []


def test_a_batch_that_never_came_to_the_site_is_not_blocked_from_it() -> None:
    shelf, other = open_shelf(), open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    with pytest.raises(NotFound):
        stop(other, lot)
    take(shelf, (lot, 1))


def test_a_recalled_batch_that_arrives_again_is_born_blocked() -> None:
    shelf, other = open_shelf(), open_shelf()
    item_id = create_item()
    lot = stock_up(shelf, item_id, 10)
    stop(shelf, lot)
    again = stock_up(shelf, item_id, 10, donor="Another donor")
    elsewhere = stock_up(other, item_id, 10)
    assert again != lot == elsewhere
    for at, arrived in ((shelf, again), (other, elsewhere)):
        with pytest.raises(Recalled):
            take(at, (arrived, 1))
    assert ledger_differences() == []


def test_forty_who_want_one_of_ten_get_exactly_ten(app: Flask) -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    results = at_once(app, 40, lambda _: take(shelf, (lot, 1)))
    assert Counter(type(result) for result in results) == {int: 10, Short: 30}
    assert quantity_of(lot, shelf.shelf_id) == 0
    assert moved(lot) == [10, *[-1] * 10]
    assert ledger_differences() == []


def test_a_recall_that_commits_while_a_dispense_waits_is_seen(app: Flask) -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    key = batch_key(lot)
    came: list[object] = []
    is_about_to_issue = Event()

    def dispense() -> None:
        with app.app_context():
            is_about_to_issue.set()
            try:
                came.append(take(shelf, (lot, 1)))
            except Recalled as refusal:
                came.append(refusal)

    waiting = Thread(target=dispense)
    with transaction(), acting_as(shelf.scope.user_id):
        block(shelf.scope, key, because="the maker says so", status=BatchStatus.RECALLED)
        waiting.start()
        assert is_about_to_issue.wait(5)
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(5)
    assert [type(result) for result in came] == [Recalled]
    assert (quantity_of(lot, shelf.shelf_id), moved(lot)) == (10, [10])


def test_eight_who_take_two_lots_in_opposite_order_never_wait_in_a_ring(app: Flask) -> None:
    shelf = open_shelf()
    item_id = create_item()
    first, second = stock_up(shelf, item_id, 1000), stock_up(shelf, item_id, 1000, batch_no="B1")

    def dispense(number: int) -> int:
        lots = (first, second) if number % 2 else (second, first)
        return len([take(shelf, *((lot, 1) for lot in lots)) for _ in range(15)])

    assert at_once(app, 8, dispense) == [15] * 8
    assert [quantity_of(lot, shelf.shelf_id) for lot in (first, second)] == [880, 880]
    assert ledger_differences() == []


def test_a_recall_of_many_lots_beside_those_who_dispense_them_never_waits_in_a_ring(app: Flask) -> None:
    shelf = open_shelf()
    item_id = create_item()
    lots = [stock_up(shelf, item_id, 1000, donor=f"Donor {number}") for number in range(8)]
    key = batch_key(lots[0])

    def act(number: int) -> None:
        for turn in range(12):
            if number == 0:
                with transaction(), acting_as(shelf.scope.user_id):
                    (block if turn % 2 == 0 else unblock)(shelf.scope, key, because="in doubt")
                continue
            chosen = lots[number % 3 :: 2]
            try:
                take(shelf, *((lot, 1) for lot in (chosen if number % 2 else reversed(chosen))))
            except Recalled:
                continue

    assert at_once(app, 8, act) == [None] * 8
    db.session.rollback()
    assert ledger_differences() == []


def test_a_recall_and_a_receipt_of_the_same_batch_never_leave_it_usable(app: Flask) -> None:
    shelf = open_shelf()
    item_id = create_item()
    lot = stock_up(shelf, item_id, 10)
    key = batch_key(lot)

    def act(number: int) -> None:
        if number == 0:
            with transaction(), acting_as(shelf.scope.user_id):
                block(shelf.scope, key, because="the maker says so", status=BatchStatus.RECALLED)
        else:
            stock_up(shelf, item_id, 1, donor=f"Donor {number}")

    assert at_once(app, 6, act) == [None] * 6
    db.session.rollback()
    assert set(db.session.scalars(select(Balance.is_blocked))) == {True}
    assert ledger_differences() == []


@pytest.mark.parametrize(
    "change",
    [
        update(Movement).values(quantity=1),
        delete(Movement),
        update(StockDocument).values(note="other"),
        delete(StockDocument),
    ],
)
def test_the_database_itself_refuses_to_change_the_ledger(change: object) -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(change)  # type: ignore[call-overload]  # four kinds of statement
    assert moved(lot) == [10]


def test_the_database_itself_refuses_less_than_nothing() -> None:
    shelf = open_shelf()
    lot = stock_up(shelf, create_item(), 10)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Balance).values(quantity=-1))
    assert quantity_of(lot, shelf.shelf_id) == 10


def test_a_balance_that_is_not_the_sum_of_its_movements_is_named() -> None:
    shelf = open_shelf()
    item_id = create_item()
    wrong, right = stock_up(shelf, item_id, 10), stock_up(shelf, item_id, 20, batch_no="B1", expires_on=FAR)
    with transaction() as session:
        session.execute(update(Balance).where(Balance.lot_id == wrong).values(quantity=9))
        session.execute(update(Balance).where(Balance.lot_id == right).values(is_blocked=True))
    assert ledger_differences() == [
        f"lot {wrong} at place {shelf.shelf_id}: 9 on the shelf, 10 in the ledger",
        f"lot {right} at place {shelf.shelf_id}: the block is not that of its batch",
    ]
