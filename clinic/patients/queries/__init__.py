"""Reads of people: who a key names, which records are one person's, who was meant by what was typed."""

from clinic.patients.queries.candidates import Trace
from clinic.patients.queries.hits import Hit, list_hits
from clinic.patients.queries.likeness import look_alikes
from clinic.patients.queries.people import (
    Chart,
    PatientCard,
    card,
    card_of,
    chart_ids,
    chart_of,
    charts_of,
    get_by_record_number,
    get_holder,
    get_patient,
    get_patient_by_id,
    list_household,
    list_identifiers,
    survivors,
)
from clinic.patients.queries.search import Findings, search

__all__ = [
    "Chart",
    "Findings",
    "Hit",
    "PatientCard",
    "Trace",
    "card",
    "card_of",
    "chart_ids",
    "chart_of",
    "charts_of",
    "get_by_record_number",
    "get_holder",
    "get_patient",
    "get_patient_by_id",
    "list_hits",
    "list_household",
    "list_identifiers",
    "look_alikes",
    "search",
    "survivors",
]
