"""What a batch has come to and what its lines lack, in the language of the page."""

from clinic.kernel.i18n import _, listed, short_day
from clinic.kernel.text import N_
from inventory.handovers.queries import Line, Whole
from inventory.handovers.rules import State

_STEPS = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.INSPECTED, State.SEALED, State.SIGNED, State.ACCEPTED)
_SHOWN_AS = {State.SEALING: State.INSPECTED, State.PARTLY: State.ACCEPTED, State.REJECTED: State.ACCEPTED}
_LAST = N_("Receiver’s result")


def lacking(line: Line) -> str:
    """Return what a line does not have yet, empty where it lacks nothing."""
    return listed(_(check.label) for check in line.lacks)


def steps(found: Whole) -> list[tuple[str, str, str]]:
    """Return the steps of the batch with what led to each and by whom: words, what stands below, state."""
    state = found.batch.state
    at = _SHOWN_AS.get(state, state)
    place = _STEPS.index(at) if at in _STEPS else -1
    told = []
    for number, step in enumerate(_STEPS):
        words = _(_LAST if step is State.ACCEPTED else step.label)
        led = found.entered(state if step is State.ACCEPTED else step) if number <= place else None
        below = f"{short_day(led.at)} {led.by}" if led else ""
        if step is State.DRAFT and not led:
            below = f"{short_day(found.batch.created_at)} {found.creator}"
        told.append((words, below, "done" if number <= place else "next" if number == place + 1 else "later"))
    return told
