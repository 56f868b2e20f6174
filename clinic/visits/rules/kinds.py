"""What a place in a queue, a measured fact and a warning sign can be called."""

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


class Vital(Worded):
    """A kind of measured fact."""

    WEIGHT = "WEIGHT", N_("Weight")
    LENGTH = "LENGTH", N_("Length, lying")
    HEIGHT = "HEIGHT", N_("Height, standing")
    HEAD = "HEAD", N_("Head circumference")
    ARM = "ARM", N_("Upper arm (MUAC)")
    TEMPERATURE = "TEMPERATURE", N_("Temperature")
    PULSE = "PULSE", N_("Pulse")
    RESPIRATION = "RESPIRATION", N_("Respiration")
    OXYGEN = "OXYGEN", N_("Oxygen saturation")
    SYSTOLIC = "SYSTOLIC", N_("Blood pressure, upper")
    DIASTOLIC = "DIASTOLIC", N_("Blood pressure, lower")
    CONSCIOUSNESS = "CONSCIOUSNESS", N_("Consciousness")
    OXYGEN_GIVEN = "OXYGEN_GIVEN", N_("Oxygen is given")
    PAIN = "PAIN", N_("Pain, 0 to 10")
    GLUCOSE = "GLUCOSE", N_("Blood glucose")
    OEDEMA = "OEDEMA", N_("Swelling of both feet")


class Consciousness(Worded):
    """How awake a person is (ACVPU); a Vital.CONSCIOUSNESS is stored as the place in this order, from 0."""

    ALERT = "ALERT", N_("alert")
    CONFUSED = "CONFUSED", N_("newly confused")
    VOICE = "VOICE", N_("wakes to voice")
    PAIN = "PAIN", N_("wakes to pain")
    UNRESPONSIVE = "UNRESPONSIVE", N_("does not wake")


class Verdict(Worded):
    """A value against what is usual for the age."""

    LOW = "LOW", N_("low")
    USUAL = "USUAL", N_("normal")
    HIGH = "HIGH", N_("high")


class ArmClass(Worded):
    """Wasting by arm circumference alone."""

    SEVERE = "SEVERE", N_("severe acute malnutrition")
    MODERATE = "MODERATE", N_("moderate acute malnutrition")
    NORMAL = "NORMAL", N_("no wasting by arm")


class DangerSign(Worded):
    """What every carer of a child under five is asked. Source: WHO IMCI chart booklet 2014."""

    CANNOT_DRINK = "CANNOT_DRINK", N_("Cannot drink or suckle")
    VOMITS_ALL = "VOMITS_ALL", N_("Vomits everything")
    CONVULSIONS = "CONVULSIONS", N_("Has had a fit")
    DROWSY = "DROWSY", N_("Drowsy, hard to wake")
    CHEST_INDRAWING = "CHEST_INDRAWING", N_("Chest indrawing")
    STIFF_NECK = "STIFF_NECK", N_("Stiff neck")


class Risk(Worded):
    """What an early-warning score asks for."""

    LOW = "LOW", N_("low")
    LOW_MEDIUM = "LOW_MEDIUM", N_("one value is far off")
    MEDIUM = "MEDIUM", N_("see soon")
    HIGH = "HIGH", N_("see at once")


class BegunKind(Worded):
    """The parts of a doctor's note that a nurse may begin."""

    COMPLAINT = "COMPLAINT", N_("Complaint")
    HISTORY = "HISTORY", N_("History")


class VisitReason(Worded):
    """Why the person came tonight, as the registrar hears it; never a diagnosis, and the same for every room."""

    NEW_PROBLEM = "NEW_PROBLEM", N_("New problem")
    FOLLOW_UP = "FOLLOW_UP", N_("Follow-up")
