from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.rows import UnreadableFile
from clinic.pharmacy.services import import_formulary
from inventory.agreements.models import Party
from inventory.stock.models import Balance, Batch, ItemPack, Lot, Movement, StockDocument
from inventory.stock.queries.ledger import ledger_differences
from inventory.stock.rules import Kind
from inventory.stock.services import StockImport, import_stock
from tests.clinic.kernel.boxes import at_once
from tests.factories import create_desk
from tests.inventory.stock.shelves import create_item

pytestmark = pytest.mark.usefixtures("context")

DEMO = Path(__file__).parents[3] / "clinic" / "demo"
FOUR_DIGITS = "Write the year with four digits, such as 2027."
HEADING = "item_code,batch_no,expires_on,donor,quantity,pack,unit_cost,currency\n"


def take_in(scope: Scope, text: str | bytes, *, dry_run: bool = False) -> StockImport:
    with transaction():
        content = text if isinstance(text, bytes) else (HEADING + text).encode()
        return import_stock(scope, BytesIO(content), dry_run=dry_run)


def refused(text: str) -> list[str]:
    scope = create_desk()
    create_item(code="AMX500")
    create_item("gauze", code="GAUZE", is_perishable=False)
    with pytest.raises(UnreadableFile) as refusal:
        take_in(scope, text)
    assert db.session.scalar(select(func.count()).select_from(Movement)) == 0
    return [str(mistake) for mistake in refusal.value.mistakes]


def total(*models: type) -> list[int]:
    return [db.session.scalars(select(func.count()).select_from(model)).one() for model in models]


@pytest.mark.postgres
def test_the_demo_list_comes_in_as_a_receipt_from_each_donor_and_a_second_time_changes_nothing() -> None:
    scope, other = create_desk(), create_desk()
    with transaction():
        import_formulary(BytesIO((DEMO / "formulary.csv").read_bytes()))
    stock = (DEMO / "stock.csv").read_bytes()
    assert take_in(scope, stock, dry_run=True) == StockImport(receipts=3, lines=159)
    assert total(StockDocument, Movement) == [0, 0]
    assert take_in(scope, stock) == StockImport(receipts=3, lines=159)
    assert take_in(scope, stock) == StockImport(receipts=0, lines=0, is_repeat=True)
    assert total(StockDocument, Movement, Balance, Lot, Party) == [3, 159, 159, 159, 3]
    assert set(db.session.scalars(select(StockDocument.kind))) == {Kind.RECEIVE}
    assert db.session.scalars(select(func.sum(Balance.quantity))).one() == sum(
        int(line.split(",")[4]) for line in stock.decode().splitlines()[1:]
    )
    assert take_in(other, stock).is_repeat is False
    assert total(Batch, Balance) == [159, 318]
    assert ledger_differences() == []


@pytest.mark.postgres
def test_the_same_file_from_two_desks_at_once_comes_in_once(app: Flask) -> None:
    scope = create_desk()
    create_item(code="AMX500")
    results = at_once(app, 4, lambda _: take_in(scope, "AMX500,A1,2031-12,Donor,10,,,\n"))
    assert sorted(result.is_repeat for result in results if isinstance(result, StockImport)) == [
        False,
        True,
        True,
        True,
    ]
    assert db.session.scalars(select(Balance.quantity)).all() == [10]


def test_boxes_come_in_as_units_and_what_was_written_is_kept() -> None:
    scope = create_desk()
    create_item(code="AMX500")
    take_in(scope, "AMX500,A1,2031-12,Donor,2,20,0.0150,EUR\nAMX500,B1,12.2031,Donor,7,,,\n")
    moved = db.session.execute(
        select(Movement.quantity, Movement.entered_quantity, ItemPack.factor)
        .outerjoin(ItemPack, ItemPack.id == Movement.entered_pack_id)
        .order_by(Movement.id)
    ).all()
    assert moved == [(40, 2, 20), (7, None, None)]
    assert [str(day) for day in db.session.scalars(select(Batch.expires_on).order_by(Batch.id))] == ["2031-12-31"] * 2
    assert db.session.scalars(select(Lot.unit_cost).order_by(Lot.id)).all() == [150, 0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("AMX500,A1,02/03/27,D,1,,,", f"expires_on: {FOUR_DIGITS}"),
        ("AMX500,A1,02/03/2027,D,1,,,", "expires_on: 02/03/2027 can be read in two ways. Write it as 02.03.2027."),
        ("AMX500,A1,31.12.27,D,1,,,", f"expires_on: {FOUR_DIGITS}"),
        ("AMX500,A1,31.04.2027,D,1,,,", "expires_on: 31.04.2027 is in no calendar."),
        ("AMX500,A1,13.2027,D,1,,,", "expires_on: 13.2027 is in no calendar."),
        ("AMX500,A1,,D,1,,,", "expires_on: amoxicillin 500 mg capsule spoils: the day it expires is needed."),
        (
            "AMX500,A1,2026-11-23,D,1,,,",
            "expires_on: Batch A1 is past its last day, 2026-11-23. It does not go onto the shelf.",
        ),
        ("NONE,A1,2031-12,D,1,,,", "item_code: NONE is not in the formulary; import that first"),
        ("AMX500,A1,2031-12,,1,,,", "donor: a value is needed here"),
        ("AMX500,A1,2031-12,D,0,,,", "quantity: 0 is not from 1 to 10000000"),
        ("AMX500,A1,2031-12,D,-5,,,", "quantity: -5 is not from 1 to 10000000"),
        ("AMX500,A1,2031-12,D,1e9,,,", "quantity: 1e9 is not a whole number. Write digits alone."),
        ('AMX500,A1,2031-12,D,"1,5",,,', "quantity: 1,5 is not a whole number. Write digits alone."),
        ("AMX500,A1,2031-12,D,1.000,,,", "quantity: 1.000 is not a whole number. Write digits alone."),
        ("AMX500,A1,2031-12,D,1,0,,", "pack: 0 is not from 1 to 100000"),
        (
            "AMX500,A1,2031-12,D,1,,220.000,",
            "unit_cost: 220.000 can be read in two ways. Write no thousands sign, and at most 2 decimals.",
        ),
        ("AMX500,A1,2031-12,D,1,,1,Euro", "currency: Euro is no currency; write three capitals such as EUR"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_and_nothing_is_received(cells: str, said: str) -> None:
    assert refused(f"GAUZE,G1,,D,1,,,\n{cells}\n") == [f"row 3, {said}"]


def test_one_batch_has_one_last_day_in_the_file_and_on_file() -> None:
    assert refused("AMX500,A1,2031-12,D,1,,,\nAMX500,A1,2031-11,E,1,,,\n") == [
        "row 3, expires_on: batch A1 stands further up with another last day"
    ]
    scope = create_desk()
    take_in(scope, "AMX500,A1,2031-12,D,1,,,\n")
    with pytest.raises(UnreadableFile) as refusal:
        take_in(scope, "AMX500,A1,2031-11,D,1,,,\n")
    assert [str(mistake) for mistake in refusal.value.mistakes] == [
        "row 2, expires_on: Batch A1 is on file with another last day: 2031-12-31. Look at the box again."
    ]


def test_digits_of_three_scripts_are_read() -> None:
    scope = create_desk()
    create_item(code="AMX500")
    take_in(scope, "AMX500,A1,٣١.١٢.٢٠٣١,D,١٢,,,\n")
    assert db.session.scalars(select(Balance.quantity)).all() == [12]


def test_the_progress_is_told_donor_by_donor() -> None:
    scope = create_desk()
    create_item(code="AMX500")
    told: list[tuple[int, int]] = []
    content = f"{HEADING}AMX500,A1,2031-12,D,1,,,\nAMX500,A1,2031-12,E,1,,,\nAMX500,B1,2031-12,D,1,,,\n".encode()
    with transaction():
        import_stock(scope, BytesIO(content), progress=lambda done, of: told.append((done, of)))
    assert told == [(2, 3), (3, 3)]
