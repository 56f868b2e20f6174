"""Doses as codes, what they come to, what speaks against them. Pure."""

from clinic.pharmacy.rules.checks import (
    Check,
    Finding,
    KnownAllergy,
    Taker,
    Taking,
    Weight,
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
)

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
    "check",
    "dose_unit",
    "ensure_dose",
    "milligrams",
    "quantity",
    "stops",
    "suggested_amount",
]
