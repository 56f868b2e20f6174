"""Doses as codes, what they come to, what speaks against them. Pure."""

from clinic.pharmacy.rules.checks import (
    Check,
    Finding,
    KnownAllergy,
    Taker,
    Taking,
    check,
    stops,
)
from clinic.pharmacy.rules.doses import (
    BadDose,
    Dose,
    Medicine,
    Milligrams,
    Quantity,
    dose_unit,
    ensure_dose,
    milligrams,
    quantity,
    suggested_amount,
)
from clinic.pharmacy.rules.kinds import (
    DoseUnit,
    Food,
    LineState,
    NotGiven,
    OwingState,
    TimeOfDay,
    Weight,
)
from clinic.pharmacy.rules.pregnancy import caution_weight

__all__ = [
    "BadDose",
    "Check",
    "Dose",
    "DoseUnit",
    "Finding",
    "Food",
    "KnownAllergy",
    "LineState",
    "Medicine",
    "Milligrams",
    "NotGiven",
    "OwingState",
    "Quantity",
    "Taker",
    "Taking",
    "TimeOfDay",
    "Weight",
    "caution_weight",
    "check",
    "dose_unit",
    "ensure_dose",
    "milligrams",
    "quantity",
    "stops",
    "suggested_amount",
]
