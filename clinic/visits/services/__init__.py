"""What happens to a visit: it begins, stands in queues, is called, measured, served and over."""

from clinic.visits.services.queue import (
    call,
    call_next,
    cancel,
    check_in,
    finish,
    leave,
    open_place,
    pass_on,
    put_back,
    set_priority,
    start,
)
from clinic.visits.services.triage import finish_triage
from clinic.visits.services.vitals import correct, record_vitals

__all__ = [
    "call",
    "call_next",
    "cancel",
    "check_in",
    "correct",
    "finish",
    "finish_triage",
    "leave",
    "open_place",
    "pass_on",
    "put_back",
    "record_vitals",
    "set_priority",
    "start",
]
