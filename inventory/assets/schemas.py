"""What crosses the border of this feature: rows of an equipment list."""

from decimal import Decimal
from typing import Any, Final

from marshmallow import Schema, fields, validate

from clinic.kernel.fields import parse_number, parse_whole
from clinic.kernel.rows import ParsedCell, read_amount
from inventory.assets.rules import Tracking, read_month

_LACKING: Final[dict[str, Any]] = {"required": "a value is needed here"}
_PLACES_OF_RATE = 6


def _words(most: int) -> fields.String:
    return fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.Length(max=most, error=f"longer than {most} letters"),
    )


def _amount(*, required: bool) -> ParsedCell:
    return ParsedCell(
        read_amount,
        required=required,
        error_messages=_LACKING if required else {},
        validate=validate.Range(min=Decimal("0.01"), error="{input} is not above zero"),
    )


def _months() -> ParsedCell:
    return ParsedCell(
        parse_whole,
        load_default=None,
        validate=validate.Range(min=1, max=600, error="{input} is not from 1 to 600"),
    )


class EquipmentRowSchema(Schema):
    """One line of a list: `qty` units of one model, by serial number or as a lot, with price, rate and place."""

    line_no = ParsedCell(parse_whole, required=True, error_messages=_LACKING)
    is_demo = fields.String(load_default="")
    category = _words(80)
    item_en = _words(160)
    item_tr = _words(160)
    item_ar = _words(160)
    make_model_placeholder = _words(160)
    tracking = fields.Enum(Tracking, by_value=True, required=True, error_messages=_LACKING)
    serial_pattern = fields.String(load_default="", validate=validate.Length(max=76, error="longer than 76 letters"))
    qty = ParsedCell(
        parse_whole,
        required=True,
        error_messages=_LACKING,
        validate=validate.Range(min=1, max=100_000, error="{input} is not a quantity from 1 to 100000"),
    )
    unit = _words(20)
    unit_price_eur = _amount(required=True)
    line_total_eur = _amount(required=True)
    orig_currency = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.Regexp("^[A-Z]{3}$", error="{input} is no currency; write three capitals such as EUR"),
    )
    orig_unit_price = _amount(required=True)
    demo_rate_per_eur = ParsedCell(
        lambda text: parse_number(text, _PLACES_OF_RATE),
        load_default=None,
        validate=validate.Range(min=Decimal("0.000001"), error="{input} is not above zero"),
    )
    purchase_month = ParsedCell(read_month, required=True, error_messages=_LACKING)
    location = _words(80)
    unit_cost_class = fields.String(load_default="")
    warranty_months = _months()
    ppm_interval_months = _months()
    calibration_interval_months = _months()
    emdn_level1_hint_unverified = fields.String(load_default="")
