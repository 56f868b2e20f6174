"""Doses as codes, what they come to, what speaks against them, and how they read on a label."""

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
