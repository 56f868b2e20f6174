"""Reads of the doctor's desk: where it stands, earlier notes, diagnosis codes."""

from clinic.consultations.queries.desk import Desk, OpenNote, get_desk, has_written, list_open_notes, may_read
from clinic.consultations.queries.icd import IcdTitle, list_picks, list_titles, search_icd
from clinic.consultations.queries.notes import Added, Made, Note, get_note, list_earlier

__all__ = [
    "Added",
    "Desk",
    "IcdTitle",
    "Made",
    "Note",
    "OpenNote",
    "get_desk",
    "get_note",
    "has_written",
    "list_earlier",
    "list_open_notes",
    "list_picks",
    "list_titles",
    "may_read",
    "search_icd",
]
