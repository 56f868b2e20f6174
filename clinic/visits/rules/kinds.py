"""What a visit and a place in a queue can be called: priority, state, why the person came."""

from clinic.kernel.text import N_, Worded


class Priority(Worded):
    """How soon a person must be seen; the nurse decides."""

    EMERGENCY = "EMERGENCY", N_("Emergency")
    PRIORITY = "PRIORITY", N_("Priority")
    ROUTINE = "ROUTINE", N_("Routine")


class PlaceState(Worded):
    """Where a person stands in one queue."""

    WAITING = "WAITING", N_("waiting")
    CALLED = "CALLED", N_("called")
    IN_ROOM = "IN_ROOM", N_("in the room")
    AWAY = "AWAY", N_("at the laboratory, comes back")
    DONE = "DONE", N_("done")
    LEFT = "LEFT", N_("left before being seen")
    CANCELLED = "CANCELLED", N_("not needed")


class VisitReason(Worded):
    """Why the person came tonight, as the registrar hears it; never a diagnosis, and the same for every room."""

    NEW_PROBLEM = "NEW_PROBLEM", N_("New problem")
    FOLLOW_UP = "FOLLOW_UP", N_("Follow-up")
