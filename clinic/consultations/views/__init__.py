"""The doctor's pages: the queue, the desk with its note, notes that are signed."""

from clinic.consultations.views import desk, note, nursing, queue, tests
from clinic.consultations.views.door import blueprint

__all__ = ["blueprint", "desk", "note", "nursing", "queue", "tests"]
