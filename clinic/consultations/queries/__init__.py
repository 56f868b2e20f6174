"""Reads of the doctor's desk: where it stands, earlier notes, diagnosis codes."""

from clinic.consultations.queries.desk import Desk, OwnNote, get_desk, list_own_notes, may_read
from clinic.consultations.queries.icd import IcdTitle, get_title, list_picks, list_titles, search_icd, was_diagnosed
from clinic.consultations.queries.notes import Added, Made, Note, Ordered, get_note, list_earlier

__all__ = [
    "Added",
    "Desk",
    "IcdTitle",
    "Made",
    "Note",
    "Ordered",
    "OwnNote",
    "get_desk",
    "get_note",
    "get_title",
    "list_earlier",
    "list_own_notes",
    "list_picks",
    "list_titles",
    "may_read",
    "search_icd",
    "was_diagnosed",
]
