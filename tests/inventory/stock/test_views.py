import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from inventory.stock.models import Balance, Batch, Item, LedgerCheck, Movement, StockDocument
from inventory.stock.queries import card
from inventory.stock.rules import BatchStatus
from inventory.stock.services import Taken, issue, record_check
from tests.desk import DeskClient
from tests.factories import sign_in
from tests.inventory.stock.shelves import Shelf, batch_key, colleague, create_item, open_shelf, stock_up
from tests.statements import count_statements

PAYLOADS = ("<img src=x onerror=alert(1)>", "\"'</script><b>", "{{ 123 * 7 }}", "%(donor)s %s")


@pytest.fixture
def shelf(app: Flask, client: DeskClient) -> Shelf:
    """A shelf with its pharmacist at the browser, and beside it another site's with a lot that is nobody's here."""
    with app.app_context():
        stock_up(open_shelf(), create_item("noise-cillin"), 7777, batch_no="NOISE")
        shelf = open_shelf()
    sign_in(client, shelf.scope)
    return shelf


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def key_of(item_id: int) -> str:
    return db.session.scalars(select(Item.key).where(Item.id == item_id)).one()


def delivery(**cells: str) -> dict[str, str | list[str]]:
    line = {"item": "AMX500", "batch_no": "A1", "expires_on": "12.2031", "quantity": "2", "factor": "20", **cells}
    return {"donor": cells.get("donor", "Donor"), **{f"lines-0-{name}": value for name, value in line.items()}}


# ---- the list ------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_lies_here_and_nothing_of_another_site(
    app: Flask, client: DeskClient, shelf: Shelf
) -> None:
    with app.app_context():
        stock_up(shelf, create_item("paracetamol"), 1234, expires_on=clock.today() + timedelta(days=30))
    page = text_of(client.get("/stock"))
    assert "1,234" in page
    assert "30 days left" in page
    assert "1 medicine is out of stock." in page
    assert "7,777" not in page
    assert "NOISE" not in page
    out = text_of(client.get("/stock?show=out"))
    assert "noise-cillin" in out
    assert "1,234" not in out.split("Expires within")[0]


def test_only_expired_lots_are_no_stock(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        stock_up(shelf, create_item("oldicillin"), 50, expires_on=clock.today())
    with clock.frozen(clock.now() + timedelta(days=1)):
        sign_in(client, shelf.scope)
        assert "oldicillin" in text_of(client.get("/stock?show=out"))
        assert "expired" in text_of(client.get("/stock?show=aside"))


def test_a_search_leads_to_what_fits_and_keeps_its_words_out_of_the_address(
    app: Flask, client: DeskClient, shelf: Shelf
) -> None:
    with app.app_context():
        for inn in ("amoxicillin", "amoxicillin + clavulanic acid", "zinc sulfate"):
            create_item(inn)
        person = colleague(shelf, Role.PHARMACIST)
    assert re.fullmatch(r"/stock/[\w-]{22}", client.submit("/stock", {"words": "zinc"}, to="/stock/search").location)
    found = client.submit("/stock", {"words": "أموكسيسيلين"}, to="/stock/search").location
    assert re.fullmatch(r"/stock\?found=[\w-]{22}", found)
    page = text_of(client.get(found))
    assert "2 medicines found" in page
    assert "أموكسيسيلين" in page
    other: DeskClient = app.test_client()  # type: ignore[assignment]
    sign_in(other, person)
    assert "أموكسيسيلين" not in text_of(other.get(found))
    assert client.submit("/stock", {"words": ""}, to="/stock/search").location == "/stock"


# ---- the card ------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.usefixtures("context")
def test_the_running_balance_is_what_lies_there_less_all_that_is_newer() -> None:
    shelf, other = open_shelf(), open_shelf()
    item_id = create_item()
    first, second = stock_up(shelf, item_id, 100), stock_up(shelf, item_id, 50, batch_no="B1")
    stock_up(other, item_id, 999, batch_no="NOISE")
    for quantity in range(1, 7):
        with transaction(), acting_as(shelf.scope.user_id):
            issue(
                shelf.scope,
                [Taken(lot_id=lot, place_id=shelf.shelf_id, quantity=quantity) for lot in (first, second)],
                reference=f"RX {quantity}",
            )
    walked, after = [], None
    while True:
        page = card.list_movements(shelf.scope, item_id, on_shelf=108, after_key=after, size=3)
        walked += page.rows
        after = page.next_key
        if after is None:
            break
    assert [row.quantity for row in walked] == [-6, -6, -5, -5, -4, -4, -3, -3, -2, -2, -1, -1, 50, 100]
    assert [row.after for row in walked] == [108, 114, 120, 125, 130, 134, 138, 141, 144, 146, 148, 149, 150, 100]
    assert walked[0].reference == "RX 6"
    closes = card.list_closes(shelf.scope, item_id, on_shelf=108, since=clock.today() - timedelta(days=2))
    assert [(close.quantity, close.received, close.issued) for close in closes] == [
        (0, 0, 0),
        (0, 0, 0),
        (108, 150, 42),
    ]


def test_the_card_shows_lots_in_order_of_expiry_and_says_which_may_not_go_out(
    app: Flask, client: DeskClient, shelf: Shelf
) -> None:
    with app.app_context():
        item_id = create_item()
        stock_up(shelf, item_id, 1302, batch_no="26F208", expires_on=date(2027, 6, 30))
        stock_up(shelf, item_id, 10, batch_no="26A114", expires_on=date(2027, 1, 31))
        blocked = stock_up(shelf, item_id, 40, batch_no="26X999", expires_on=date(2027, 2, 28))
        with transaction() as session:
            batch = session.scalars(select(Batch).where(Batch.key == batch_key(blocked))).one()
            batch.status = BatchStatus.RECALLED
            session.flush()
            session.execute(update(Balance).where(Balance.lot_id == blocked).values(is_blocked=True))
        key = key_of(item_id)
    page = text_of(client.get(f"/stock/{key}"))
    lots = page.split("<h2>Lots</h2>")[1]
    assert lots.index("26A114") < lots.index("26X999") < lots.index("26F208")
    assert "goes first" in lots
    assert "recalled" in lots
    assert "1,312" in page
    assert client.get(f"/stock/{key}?after=gone.1").status_code == 404
    assert client.get(f"/stock/{key}?after=x.99999999999999999999").status_code == 404
    assert client.get("/stock/nothing-of-that-key").status_code == 404


@pytest.mark.postgres
def test_a_page_costs_as_many_statements_with_many_rows_as_with_few(
    app: Flask, client: DeskClient, shelf: Shelf
) -> None:
    with app.app_context():
        item_id = create_item()
        for number in range(40):
            stock_up(shelf, item_id, 10, batch_no=f"B{number}", expires_on=clock.today() + timedelta(days=number + 1))
        with transaction():
            record_check(differences=0, last_movement_id=3)
        key = key_of(item_id)
    for address in ("/stock", "/stock?show=out", f"/stock/{key}"):
        with count_statements(app) as told:
            text_of(client.get(address))
        assert len(told) <= 8, (address, told)
    with count_statements(app) as told:
        page = text_of(client.get(f"/stock/{key}"))
    older = re.search(r'href="(/stock/[^"]+after=[^"#]+)', page)
    assert older
    with count_statements(app) as told:
        text_of(client.get(older[1]))
    assert len(told) <= 10


# ---- deliveries ----------------------------------------------------------------------------------------------------


def test_boxes_are_told_as_units_before_they_are_received_and_kept_as_typed(
    app: Flask, client: DeskClient, shelf: Shelf
) -> None:
    with app.app_context():
        create_item("paracetamol", code="AMX500", base_unit="tablet")
    looked = client.submit("/stock/receive", {**delivery(), "look": "1"})
    assert "= 40 tablets" in text_of(looked)
    piece = client.submit("/stock/receive", {**delivery(), "line": "0"}, to="/stock/receive")
    assert piece.status_code == 303
    page = text_of(client.get(piece.location))
    assert "2 boxes" in page
    assert "of 20 tablets" in page
    assert "+40" in page
    with app.app_context():
        assert db.session.scalars(select(Movement.quantity).order_by(Movement.id.desc())).first() == 40


def test_the_same_form_twice_is_one_receipt_and_another_under_its_key_is_refused(
    app: Flask, client: DeskClient, shelf: Shelf
) -> None:
    with app.app_context():
        create_item(code="AMX500")
        before = db.session.scalar(select(func.count()).select_from(StockDocument))
    form = {**delivery(), "op": "a" * 22}
    first, second = client.submit("/stock/receive", form), client.submit("/stock/receive", form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    other = client.submit("/stock/receive", {**form, "lines-0-quantity": "3"})
    assert other.status_code == 422
    assert "saved before, with other answers" in other.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(StockDocument)) == (before or 0) + 1


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"expires_on": "02/03/27"}, "Write the year with four digits, such as 2027."),
        ({"expires_on": ""}, "spoils: the day it expires is needed."),
        ({"expires_on": "01.2020"}, "is past its last day"),
        ({"item": "no such thing"}, "More than one medicine fits, or none."),
        ({"quantity": "0"}, "is below 1"),
        ({"quantity": "-4"}, "is below 1"),
        ({"quantity": "1,5"}, "is not a whole number"),
        ({"quantity": "1000000000"}, "is above"),
        ({"factor": "0"}, "is below 1"),
        ({"batch_no": ""}, "An answer is needed here."),
        ({"cost": "220.000,00"}, "is not a number"),
    ],
)
def test_what_cannot_be_received_is_said_at_its_line_and_stays_typed(
    app: Flask, client: DeskClient, shelf: Shelf, cells: dict[str, str], said: str
) -> None:
    with app.app_context():
        create_item(code="AMX500")
        before = db.session.scalar(select(func.count()).select_from(Movement))
    answer = client.submit("/stock/receive", delivery(**cells))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "Line 1, " in page
    assert 'value="A1"' in page or "batch_no" in cells
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Movement)) == before


def test_arabic_digits_are_read_and_lines_come_and_go(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        create_item(code="AMX500")
    more = text_of(client.submit("/stock/receive", {**delivery(quantity="٢", expires_on="١٢.٢٠٣١"), "more": "1"}))
    assert "Line 2" in more
    assert 'value="٢"' in more
    two = {**delivery(quantity="٢"), "lines-1-item": "AMX500", "lines-1-batch_no": "B1"}
    dropped = text_of(client.submit("/stock/receive", {**two, "drop": "0"}))
    assert 'value="B1"' in dropped
    assert 'value="A1"' not in dropped


def test_what_is_typed_of_a_delivery_stays_text(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        create_item(code="AMX500")
    for number, payload in enumerate(PAYLOADS):
        sent = client.submit("/stock/receive", {**delivery(donor=payload, batch_no=f"B{number}"), "note": payload})
        page = text_of(client.get(sent.location))
        assert "<img" not in page
        assert "</script><b>" not in page
        assert "861" not in page.split("<main")[1]


# ---- batches and the proof -----------------------------------------------------------------------------------------


def test_a_batch_is_blocked_and_let_go_with_a_reason(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        lot = stock_up(shelf, create_item(), 10)
        key = batch_key(lot)
    page = f"/stock/batches/{key}"
    refused = client.submit(page, {"verdict": "RECALLED", "because": ""}, to=f"{page}/block")
    assert refused.status_code == 422
    assert client.submit(page, {"verdict": "RECALLED", "because": "letter 114"}, to=f"{page}/block").status_code == 303
    held = text_of(client.get(page))
    assert "Nothing of this batch goes out." in held
    assert "letter 114" in held
    with app.app_context():
        assert db.session.scalars(select(Balance.is_blocked).where(Balance.lot_id == lot)).one()
    assert client.submit(page, {"because": "it was another batch"}, to=f"{page}/unblock").status_code == 303
    with app.app_context():
        assert not db.session.scalars(select(Balance.is_blocked).where(Balance.lot_id == lot)).one()


def test_a_batch_of_another_site_is_not_there(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        key = db.session.scalars(select(Batch.key).where(Batch.batch_no == "NOISE")).one()
    assert client.get(f"/stock/batches/{key}").status_code == 404


def test_the_manager_reads_stock_and_changes_nothing(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        key = batch_key(stock_up(shelf, create_item(), 10))
        sign_in(client, colleague(shelf, Role.MANAGER))
    assert "Receive a delivery" not in text_of(client.get("/stock"))
    assert "Block this batch" not in text_of(client.get(f"/stock/batches/{key}"))
    assert client.get("/stock/receive").status_code == 403
    with app.app_context():
        sign_in(client, colleague(shelf, Role.DOCTOR))
    assert client.get("/stock").status_code == 403


def test_the_mark_tells_agreement_and_turns_red_by_itself(app: Flask, client: DeskClient, shelf: Shelf) -> None:
    with app.app_context():
        lot = stock_up(shelf, create_item(), 10)
    assert "shelf and ledger not compared yet" in text_of(client.get("/stock"))
    compared = client.submit("/stock/ledger", {}, to="/stock/ledger")
    assert "shelf and ledger agree" in text_of(compared)
    with app.app_context():
        moved_since = stock_up(shelf, create_item(), 10, batch_no="C1")
        assert db.session.scalars(select(LedgerCheck.differences)).all() == [0]
    assert "shelf and ledger agree" in text_of(client.get("/stock"))
    with app.app_context(), transaction() as session:
        session.execute(update(Balance).where(Balance.lot_id == moved_since).values(quantity=9))
    assert "Shelf and ledger differ." in text_of(client.get("/stock"))
    with app.app_context(), transaction() as session:
        session.execute(update(Balance).where(Balance.lot_id == lot).values(quantity=9))
    page = text_of(client.submit("/stock/ledger", {}, to="/stock/ledger"))
    assert "2 lots differ." in page
    assert f"lot {lot} at place {shelf.shelf_id}: 9 on the shelf, 10 in the ledger" in page
