"""Reads of the pharmacy: the formulary with its stock, prescriptions, what the checks ask of a person."""

from clinic.pharmacy.queries.formulary import FormularyRow, get_formulary, get_medicines, search_formulary
from clinic.pharmacy.queries.lines import LineRow, PrescriptionRow, list_prescriptions
from clinic.pharmacy.queries.prescriptions import (
    dose_of,
    find_own_dose,
    get_line,
    list_lasting,
    read_times,
    write_times,
)
from clinic.pharmacy.queries.taker import known_allergies, pregnancy_of, read_taker

__all__ = [
    "FormularyRow",
    "LineRow",
    "PrescriptionRow",
    "dose_of",
    "find_own_dose",
    "get_formulary",
    "get_line",
    "get_medicines",
    "known_allergies",
    "list_lasting",
    "list_prescriptions",
    "pregnancy_of",
    "read_taker",
    "read_times",
    "search_formulary",
    "write_times",
]
