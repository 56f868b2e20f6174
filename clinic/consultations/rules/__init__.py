"""The doctor's desk without a database: what a note is made of, and drafts as typed. Pure."""

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

__all__ = [
    "NOTHING",
    "CaseType",
    "Content",
    "DraftDiagnosis",
    "DraftLine",
    "PartDifference",
    "PartKind",
    "State",
    "differing_parts",
    "joined",
]
