"""What happens to a visit: it begins, stands in queues, is called, measured, served and over."""

from clinic.visits.services.begun import begin_note
from clinic.visits.services.queue import (
    bring_back,
    call,
    call_next,
    cancel,
    check_in,
    end_away,
    finish,
    leave,
    open_place,
    pass_on,
    put_back,
    send_away,
    set_priority,
    start,
)
from clinic.visits.services.triage import finish_triage
from clinic.visits.services.vitals import correct, record_vitals

__all__ = [
    "begin_note",
    "bring_back",
    "call",
    "call_next",
    "cancel",
    "check_in",
    "correct",
    "end_away",
    "finish",
    "finish_triage",
    "leave",
    "open_place",
    "pass_on",
    "put_back",
    "record_vitals",
    "send_away",
    "set_priority",
    "start",
]
