"""What crosses the border of this feature: rows of a list of diagnosis codes."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

_LACKING: Final[dict[str, Any]] = {"required": "a value is needed here"}


class IcdRowSchema(Schema):
    """One diagnosis code with its titles and, parted by semicolons, the specialties that use it."""

    code = fields.String(
        required=True,
        error_messages=_LACKING,
        validate=validate.Regexp(
            r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?\Z", error="{input} is no ICD-10 code; write it as J02.9"
        ),
    )
    title_en = fields.String(required=True, error_messages=_LACKING, validate=validate.Length(max=250))
    title_tr = fields.String(load_default="", validate=validate.Length(max=250))
    title_ar = fields.String(load_default="", validate=validate.Length(max=250))
    specialty = fields.String(load_default="")
    quick_pick = fields.Boolean(
        load_default=False, truthy={"1"}, falsy={"0"}, error_messages={"invalid": "write 1 for a quick pick, else 0"}
    )
    report_group = fields.String(load_default="", validate=validate.Length(max=20))
    translation_status = fields.String(load_default="", validate=validate.Length(max=200))
