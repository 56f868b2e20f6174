"""What crosses the border of this feature: rows of a stock list."""

import re
from decimal import Decimal
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from clinic.kernel.fields import parse_whole
from clinic.kernel.rows import ParsedCell, read_amount
from inventory.stock.rules import read_expiry

_LACKING: Final[dict[str, Any]] = {"required": "a value is needed here"}


def _read_currency(text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValidationError(f"{text} is no currency; write three capitals such as EUR")
    return text


class StockRowSchema(Schema):
    """What lies of one batch from one donor: loose units, or boxes of `pack` units."""

    item_code = fields.String(required=True, error_messages=_LACKING)
    batch_no = fields.String(
        required=True, error_messages=_LACKING, validate=validate.Length(max=40, error="longer than 40 letters")
    )
    expires_on = ParsedCell(read_expiry, load_default=None)
    donor = fields.String(
        required=True, error_messages=_LACKING, validate=validate.Length(max=120, error="longer than 120 letters")
    )
    quantity = ParsedCell(
        parse_whole,
        required=True,
        error_messages=_LACKING,
        validate=validate.Range(min=1, max=10_000_000, error="{input} is not from 1 to 10000000"),
    )
    pack = ParsedCell(
        parse_whole,
        load_default=1,
        validate=validate.Range(min=1, max=100_000, error="{input} is not from 1 to 100000"),
    )
    unit_cost = ParsedCell(
        read_amount,
        load_default=Decimal(0),
        validate=validate.Range(min=0, max=100_000, error="{input} is not from 0 to 100000"),
    )
    currency = ParsedCell(_read_currency, load_default="EUR")
    demo_only = fields.String(load_default="")
