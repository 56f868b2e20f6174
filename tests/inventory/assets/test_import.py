from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.rows import UnreadableFile
from inventory.assets.models import Asset
from inventory.assets.queries import Asked, count_assets, get_strip, list_assets
from inventory.assets.rules import Title
from inventory.assets.services import import_equipment
from tests.factories import create_clinic, create_user, scope_of
from tests.inventory.assets.things import AGREEMENT, LIST, create_asset, listed, open_test_agreement


@pytest.fixture
def logistics(app: Flask) -> Scope:
    """Someone of a clinic beside which another has equipment of its own."""
    with app.app_context():
        create_asset(scope_of(create_user(create_clinic(), Role.LOGISTICS)), serial_pattern="ELSEWHERE-1")
        return scope_of(create_user(create_clinic(), Role.LOGISTICS))


def mistakes(scope: Scope, *rows: dict[str, Any], stated: str | None = None) -> list[str]:
    with pytest.raises(UnreadableFile) as refused, transaction():
        import_equipment(scope, listed(*rows, stated=stated), agreement_code=AGREEMENT)
    assert count_assets(scope, Asked()) == (0, 0)
    return [str(one) for one in refused.value.mistakes]


@pytest.mark.postgres
def test_the_list_comes_to_220_000_euros_and_a_second_time_to_nothing(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        with LIST.open("rb") as file:
            dry = import_equipment(logistics, file, agreement_code=AGREEMENT, dry_run=True)
        assert (dry.lines, dry.records, dry.units, dry.cents) == (85, 222, 456, 220_000_00)
        assert count_assets(logistics, Asked()) == (0, 0)
        with LIST.open("rb") as file, transaction():
            assert import_equipment(logistics, file, agreement_code=AGREEMENT) == dry
        with LIST.open("rb") as file, transaction():
            assert import_equipment(logistics, file, agreement_code=AGREEMENT).is_repeat
        assert count_assets(logistics, Asked()) == (222, 220_000_00)
        strip = get_strip(logistics)
        assert (strip.parts[Title.PROJECT], strip.total, strip.difference) == (220_000_00, 220_000_00, 0)
        assert count_assets(logistics, Asked(is_dear=True)) == (8, 68_900_00)
        tags = db.session.scalars(select(Asset.tag).order_by(Asset.id)).all()
        assert tags == [f"AS-{number:06}" for number in range(1, 224)]


def test_a_serial_number_that_stands_twice_names_both_rows(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        assert mistakes(
            logistics, {}, {"serial_pattern": "demo-ecg12-002 ", "qty": 1, "line_total_eur": "1000.00"}
        ) == ["row 3, serial_pattern: demo-ecg12-002 stands in row 2 already"]


def test_a_serial_number_on_the_register_is_refused_however_it_is_written(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        one = {"qty": 1, "line_total_eur": "1000.00"}
        assert mistakes(logistics, {**one, "serial_pattern": " elsewhere-1"}) == [
            "row 2, serial_pattern: elsewhere-1 is on the register as AS-000001"
        ]
        with transaction():
            other_maker = {**one, "serial_pattern": "ELSEWHERE-1", "make_model_placeholder": "Other / ECG12"}
            assert import_equipment(logistics, listed(other_maker), agreement_code=AGREEMENT).records == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"demo_rate_per_eur": ""}, "row 2, demo_rate_per_eur: rate missing for TRY 2016-05"),
        ({"unit_price_eur": "1000.01"}, "row 2, unit_price_eur: 1,000.01 stated, 1,000.00 by price and rate"),
        ({"line_total_eur": "1999.99"}, "row 2, line_total_eur: 1,999.99 stated, 2,000.00 by quantity and price"),
        ({"qty": "0"}, "row 2, qty: 0 is not a quantity from 1 to 100000"),
        ({"qty": "-1"}, "row 2, qty: "),
        ({"unit_price_eur": "1.234,56"}, "row 2, unit_price_eur: "),
        ({"unit_price_eur": "1,234.56"}, "row 2, unit_price_eur: "),
        ({"unit_price_eur": "220.000"}, "row 2, unit_price_eur: "),
        ({"serial_pattern": "X-1"}, "row 2, serial_pattern: 2 units need {NNN} in their serial number"),
        (
            {"serial_pattern": "N/A", "qty": 1, "line_total_eur": "1000"},
            "row 2, serial_pattern: N/A is no serial number",
        ),
        (
            {"serial_pattern": "", "qty": 1, "line_total_eur": "1000"},
            "row 2, serial_pattern: nothing is no serial number",
        ),
        ({"qty": 1000, "line_total_eur": "1000000"}, "row 2, qty: more than 999 units are a lot, not serial numbers"),
        ({"orig_currency": "lira"}, "row 2, orig_currency: lira is no currency"),
        ({"purchase_month": "May"}, "row 2, purchase_month: May is no month"),
        ({"tracking": "both"}, "row 2, tracking: "),
        ({"item_ar": ""}, "row 2, item_ar: a value is needed here"),
    ],
)
def test_whatever_is_wrong_is_named_by_row_and_column_and_nothing_is_written(
    app: Flask, logistics: Scope, row: dict[str, Any], told: str
) -> None:
    with app.app_context():
        found = mistakes(logistics, row)
        assert any(one.startswith(told) for one in found), found


def test_a_sum_that_is_off_by_a_cent_is_refused_with_the_difference(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        assert mistakes(logistics, {}, stated="2000.01") == [
            "row 3, line_total_eur: lines 2,000.00, stated 2,000.01, difference 0.01"
        ]
        assert mistakes(logistics, {}, stated="a lot")[0].startswith("row 3, line_total_eur: ")
        with transaction():
            done = import_equipment(logistics, listed({}, stated="2000.00"), agreement_code=AGREEMENT)
        assert (done.lines, done.records) == (1, 2)


def test_a_lot_is_one_record_and_its_number_may_stand_twice(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        lot = {"tracking": "bulk", "serial_pattern": "LOT 1", "qty": 24, "line_total_eur": "24000.00"}
        with transaction():
            done = import_equipment(logistics, listed(lot, lot), agreement_code=AGREEMENT)
        assert (done.lines, done.records, done.units, done.cents) == (2, 2, 48, 48_000_00)


@pytest.mark.postgres
def test_the_database_refuses_a_transfer_without_a_certificate_a_second_tag_and_a_wrong_sum(
    app: Flask, logistics: Scope
) -> None:
    with app.app_context():
        key = create_asset(logistics).key
        for wrong in ("title = 'TRANSFERRED'", "tag = 'AS-000001'", "line_cents = line_cents + 1", "serial_key = ''"):
            with pytest.raises(DBAPIError), transaction() as session:
                session.connection().execute(text(f"UPDATE asset SET {wrong} WHERE key = '{key}'"))  # noqa: S608


@pytest.mark.postgres
def test_equipment_is_found_by_tag_serial_number_and_words_in_three_languages(app: Flask, logistics: Scope) -> None:
    with app.app_context():
        open_test_agreement()
        found = create_asset(logistics, item_tr="Ultrason cihazı", item_ar="جهاز الأمواج", serial_pattern="USD-77")
        create_asset(logistics)
        for words in (found.tag.lower(), "usd-77", "USD", "ultrason", "امواج", "maker ecg12 ultra", "ULTRASON"):
            assert [row[0].id for row in list_assets(logistics, Asked(words=words)).rows] == [found.id], words
        for words in ("77", "nothing", "ultrason nothing"):
            assert list_assets(logistics, Asked(words=words)).rows == [], words
        assert db.session.scalars(select(func.count()).select_from(Asset)).one() == 3
