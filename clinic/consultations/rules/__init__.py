"""The doctor's desk without a database: what a note is made of, drafts as typed, what a signature needs. Pure."""

from clinic.consultations.rules.drafts import (
    NOTHING,
    Content,
    DraftDiagnosis,
    DraftLine,
    PartDifference,
    differing_parts,
    joined,
)
from clinic.consultations.rules.kinds import CaseType, PartKind, State
from clinic.consultations.rules.signing import (
    ChartClosed,
    DraftMoved,
    NotCalled,
    NoteClosed,
    Unsigned,
    ensure_called,
    ensure_may_sign,
    ensure_not_closed,
    ensure_reason,
)

__all__ = [
    "NOTHING",
    "CaseType",
    "ChartClosed",
    "Content",
    "DraftDiagnosis",
    "DraftLine",
    "DraftMoved",
    "NotCalled",
    "NoteClosed",
    "PartDifference",
    "PartKind",
    "State",
    "Unsigned",
    "differing_parts",
    "ensure_called",
    "ensure_may_sign",
    "ensure_not_closed",
    "ensure_reason",
    "joined",
]
