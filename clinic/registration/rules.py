"""What the registrar's desk decides by itself."""

from collections.abc import Collection, Iterable

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded

PRINTED = ("ar", "tr", "en")
CHILDRENS = "PED"
# Not a clinical limit: whom this desk sends to the children's doctor unless it is told otherwise.
CHILD_UNDER = 15


class Why(Worded):
    """Why a person came tonight, as the registrar hears it in one sentence."""

    FOLLOW_UP = "FOLLOW_UP", N_("Follow-up")
    NEW_PROBLEM = "NEW_PROBLEM", N_("New problem")
    CANNOT_WAIT = "CANNOT_WAIT", N_("Cannot wait: call triage")


def label_language(spoken: str) -> str:
    """Return the language of a person's labels where none was asked for: the one spoken, or else Arabic."""
    return spoken if spoken in PRINTED else "ar"


class LooksAlike(DomainError):
    """Someone on file may be the person at the desk, and nobody has said that they are two."""

    code = "looks_alike"
    status = 422


def meant_for(last: str, years: int | None, offered: Collection[str]) -> str:
    """Return the specialty that a person is likely here for: the last visit's, for a child paediatrics, or none."""
    if last in offered:
        return last
    return CHILDRENS if CHILDRENS in offered and years is not None and years < CHILD_UNDER else ""


def ensure_told_apart(alike: Iterable[str], told_apart: Iterable[str], because: str) -> None:
    """Refuse a second record until each person on file who looks alike was told apart, with a reason.

    Raises LooksAlike.
    """
    if not set(alike) <= set(told_apart):
        raise LooksAlike(N_("Someone on file may be this person. Look at both, then say which."))
    if not because and any(True for _ in alike):
        raise LooksAlike(N_("Say why this is a different person."), field="because")
