"""Reads of one evening: how it goes, and what is open at its end."""

from clinic.evening.queries.closing import Closed, LeftOver, find_close, list_left_over
from clinic.evening.queries.tonight import (
    SERVING,
    Evening,
    Month,
    Name,
    OnDuty,
    Owed,
    Written,
    count_month,
    get_evening,
    list_on_duty,
    list_owed,
    list_written,
)

__all__ = [
    "SERVING",
    "Closed",
    "Evening",
    "LeftOver",
    "Month",
    "Name",
    "OnDuty",
    "Owed",
    "Written",
    "count_month",
    "find_close",
    "get_evening",
    "list_left_over",
    "list_on_duty",
    "list_owed",
    "list_written",
]
