"""What crosses the border of this feature: rows of a formulary."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from clinic.chart.rules import AllergyGroup
from clinic.kernel.fields import parse_whole
from clinic.kernel.rows import ParsedCell, read_amount

_LACKING: Final[dict[str, Any]] = {"required": "a value is needed here"}
_GROUPS: Final = {
    **{group.value.lower().replace("_", " "): group for group in AllergyGroup},
    "sulfonamide (non-antibiotic)": AllergyGroup.SULFONAMIDE_NON_ANTIBIOTIC,
}
_YES: Final[dict[str, Any]] = {
    "truthy": {"yes", "alt"},
    "falsy": {"no"},
    "error_messages": {"invalid": "write yes or no"},
}


def _read_group(text: str) -> AllergyGroup:
    group = _GROUPS.get(text.lower())
    if group is None:
        raise ValidationError(f"{text} is no allergy group known here; known are {', '.join(sorted(_GROUPS))}")
    return group


def _text(longest: int, *, is_needed: bool = False) -> fields.String:
    length = validate.Length(max=longest, error=f"longer than {longest} letters")
    if is_needed:
        return fields.String(required=True, error_messages=_LACKING, validate=length)
    return fields.String(load_default="", validate=length)


def _yes(*, is_needed: bool = False) -> fields.Boolean:
    return fields.Boolean(required=True, **_YES) if is_needed else fields.Boolean(load_default=False, **_YES)


def _number() -> ParsedCell:
    size = validate.Range(min=0, min_inclusive=False, max=999_999, error="{input} is not above 0 and at most 999999")
    return ParsedCell(read_amount, load_default=None, validate=size)


def _count(least: int, most: int, **given: Any) -> ParsedCell:  # noqa: ANN401 - marshmallow's own
    within = validate.Range(min=least, max=most, error=f"{{input}} is not from {least} to {most}")
    return ParsedCell(parse_whole, validate=within, **(given or {"load_default": None}))


class FormularyRowSchema(Schema):
    """One medicine of a formulary; of what the list does not say, nothing is assumed but that nobody confirmed it."""

    code = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.Regexp(r"[A-Z0-9]{2,20}\Z", error="{input} is no code: capitals and digits alone"),
    )
    inn = _text(120, is_needed=True)
    atc_code = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.Regexp(r"[A-Z][0-9]{2}[A-Z]{2}([0-9]{2})?\Z", error="{input} is no ATC code"),
    )
    atc_name_verified = _text(200)
    form = _text(60, is_needed=True)
    strength = _text(60)
    mg_num = _number()
    per_ml = _number()
    pack_ml = _number()
    perishable = _yes(is_needed=True)
    route = _text(20, is_needed=True)
    unit = _text(40, is_needed=True)
    pack_size = _count(1, 100_000, required=True, error_messages=_LACKING)
    eml = _yes()
    paed_mg_kg_day_min = _number()
    paed_mg_kg_day_max = _number()
    paed_doses_per_day = _count(1, 24)
    paed_max_mg_day = _number()
    paed_min_age_months = _count(0, 240)
    paed_note = _text(200)
    pregnancy_caution = _text(120)
    allergy_group = ParsedCell(_read_group, load_default=None)
    storage_flag = _text(120)
    label_tr = _text(250)
    label_ar = _text(250)
    in_use_days = _count(1, 3650)
    divisible = _yes()
    controlled = _yes()
    ven = fields.String(load_default="", validate=validate.OneOf("VEN", error="write V, E or N"))
    demo_only = _text(200)

    @validates_schema(skip_on_field_errors=True)
    def check_dose(self, data: Mapping[str, Any], **_: object) -> None:
        """Refuse a dose range that is upside down or half there, and a volume without its milligrams."""
        least, most = data["paed_mg_kg_day_min"], data["paed_mg_kg_day_max"]
        if (least is None) != (most is None):
            raise ValidationError("the other end of the range is missing", "paed_mg_kg_day_min")
        if least is not None and least > most:
            raise ValidationError(f"{least} is above {most}", "paed_mg_kg_day_min")
        if data["per_ml"] is not None and data["mg_num"] is None:
            raise ValidationError("how many milligrams there are in that volume is missing", "mg_num")
