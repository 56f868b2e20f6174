"""Reads of the doctor's desk: diagnosis codes."""

from clinic.consultations.queries.icd import IcdTitle, list_picks, list_titles, search_icd

__all__ = ["IcdTitle", "list_picks", "list_titles", "search_icd"]
