"""Reads of one evening: how it goes, and what is open at its end."""

from clinic.evening.queries.closing import Closed, LeftOver, find_close, get_span, list_left_over
from clinic.evening.queries.tonight import (
    SERVING,
    Evening,
    Month,
    Name,
    OnDuty,
    Overdue,
    Owed,
    Written,
    count_month,
    find_overdue,
    get_evening,
    list_on_duty,
    list_owed,
    list_written,
    was_written_about,
)

__all__ = [
    "SERVING",
    "Closed",
    "Evening",
    "LeftOver",
    "Month",
    "Name",
    "OnDuty",
    "Overdue",
    "Owed",
    "Written",
    "count_month",
    "find_close",
    "find_overdue",
    "get_evening",
    "get_span",
    "list_left_over",
    "list_on_duty",
    "list_owed",
    "list_written",
    "was_written_about",
]
