"""Where a note stands, what it is made of, and how a diagnosis is counted."""

from clinic.kernel.text import N_, Worded


class State(Worded):
    """Where a note stands."""

    OPEN = "OPEN", N_("open")
    SIGNED = "SIGNED", N_("signed")
    ABANDONED = "ABANDONED", N_("the patient left")


class CaseType(Worded):
    """Whether a diagnosis is made for the first time in this illness."""

    NEW = "NEW", N_("new")
    FOLLOW_UP = "FOLLOW_UP", N_("follow-up")


class PartKind(Worded):
    """The parts of a note."""

    COMPLAINT = "COMPLAINT", N_("Complaint")
    HISTORY = "HISTORY", N_("History")
    FINDINGS = "FINDINGS", N_("Findings")
    INTERVENTION = "INTERVENTION", N_("Intervention")
    PLAN = "PLAN", N_("Plan and advice")
