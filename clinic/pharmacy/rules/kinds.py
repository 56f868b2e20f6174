"""What doses, prescribed medicines and owings can be called."""

from clinic.kernel.text import N_, Worded


class TimeOfDay(Worded):
    """When a dose is taken; the four slots of a label, in the day's order."""

    MORNING = "MORNING", N_("morning")
    NOON = "NOON", N_("noon")
    EVENING = "EVENING", N_("evening")
    NIGHT = "NIGHT", N_("night")


class Food(Worded):
    """How a dose stands to a meal."""

    ANY = "ANY", N_("with or without food")
    BEFORE = "BEFORE", N_("before food")
    WITH = "WITH", N_("with food")
    AFTER = "AFTER", N_("after food")


class DoseUnit(Worded):
    """What one dose is counted in; it follows from the form of the medicine, nobody chooses it."""

    TABLET = "TABLET", N_("tablet")
    CAPSULE = "CAPSULE", N_("capsule")
    ML = "ML", N_("mL")
    DROP = "DROP", N_("drop")
    PUFF = "PUFF", N_("puff")
    SACHET = "SACHET", N_("sachet")
    AMPOULE = "AMPOULE", N_("ampoule")
    VIAL = "VIAL", N_("vial")
    TUBE = "TUBE", N_("tube")
    BAG = "BAG", N_("bag")
    IU = "IU", N_("unit (IU)")
    APPLICATION = "APPLICATION", N_("application")
    PIECE = "PIECE", N_("piece")


class LineState(Worded):
    """What became of one prescribed medicine."""

    ORDERED = "ORDERED", N_("waiting at the pharmacy")
    PARTLY = "PARTLY", N_("partly given")
    GIVEN = "GIVEN", N_("given")
    NOT_GIVEN = "NOT_GIVEN", N_("not given")
    CANCELLED = "CANCELLED", N_("cancelled by the prescriber")


class NotGiven(Worded):
    """Why a medicine was not handed out."""

    OUT_OF_STOCK = "OUT_OF_STOCK", N_("out of stock")
    NOT_STOCKED = "NOT_STOCKED", N_("not kept here")
    UNSAFE = "UNSAFE", N_("not safe for this person")
    REFUSED = "REFUSED", N_("the person does not want it")
    HAS_ENOUGH = "HAS_ENOUGH", N_("the person has enough at home")
    DID_NOT_COME = "DID_NOT_COME", N_("the person did not come")


class OwingState(Worded):
    """Whether what could not be given is still due."""

    OPEN = "OPEN", N_("owed")
    GIVEN = "GIVEN", N_("given later")
    CANCELLED = "CANCELLED", N_("no longer owed")


class Weight(Worded):
    """How much a finding weighs: STOP yields only to a written reason, ASK is looked at, NOTE is said."""

    STOP = "STOP", N_("Stop")
    ASK = "ASK", N_("Look")
    NOTE = "NOTE", N_("Note")
