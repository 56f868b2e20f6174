"""What crosses the border of this feature: rows of the laboratory's list of tests."""

from functools import partial
from typing import Any, Final

from marshmallow import Schema, fields, validate

from clinic.kernel.fields import parse_number
from clinic.kernel.rows import ParsedCell
from clinic.lab.rules import KINDS, SpecimenKind

_LACKING: Final[dict[str, Any]] = {"required": "a value is needed here"}
_PLACES = 4


def _limit() -> ParsedCell:
    return ParsedCell(partial(parse_number, places=_PLACES), load_default=None)


def _words(most: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=most))


def _name() -> fields.String:
    return fields.String(required=True, error_messages=_LACKING, validate=validate.Length(min=1, max=120))


def _days(**kwargs: Any) -> fields.Integer:  # noqa: ANN401 - marshmallow's own
    return fields.Integer(validate=validate.Range(min=0), error_messages={"invalid": "write whole days"}, **kwargs)


class CatalogueRowSchema(Schema):
    """One test with one of its ranges; a test with several ranges stands in several rows."""

    code = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.Regexp(r"[A-Z][A-Z0-9]{1,19}\Z", error="{input}: write 2 to 20 capital letters and digits"),
    )
    name_en, name_tr, name_ar = _name(), _name(), _name()
    loinc, loinc_name = _words(20), _words(200)
    unit_ucum = _words(20)
    specimen = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.OneOf([kind.label for kind in SpecimenKind], error="write one of: {choices}"),
    )
    kind = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.OneOf(list(KINDS), error="write one of: {choices}"),
    )
    tat_target_min = fields.Integer(
        required=True,
        error_messages=_LACKING | {"invalid": "write whole minutes"},
        validate=validate.Range(min=1, max=20_000),
    )
    sex = fields.String(load_default="any", validate=validate.OneOf(["any", "F", "M"], error="write any, F or M"))
    age_min_days = _days(load_default=0)
    age_max_days_excl = _days(load_default=None)
    ref_low, ref_high, crit_low, crit_high = _limit(), _limit(), _limit(), _limit()
    ref_text = _words(120)
    note, status = _words(200), _words(200)
