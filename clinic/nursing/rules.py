"""What a nursing contact may be, and what it must say."""

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded

LONGEST = 4000


class ContactKind(Worded):
    """What the nurse did; each is a service contact of its own and no consultation."""

    DRESSING = "DRESSING", N_("Dressing")
    INJECTION = "INJECTION", N_("Injection")
    ANTENATAL = "ANTENATAL", N_("Antenatal contact")
    FAMILY_PLANNING = "FAMILY_PLANNING", N_("Family planning")
    ADVICE = "ADVICE", N_("Advice")


class Incomplete(DomainError):
    """A contact says nothing, or an addition comes without its reason."""

    code = "incomplete"
    status = 422


class NotYours(DomainError):
    """Somebody else signed the contact."""

    code = "not_yours"


def ensure_said(text: str, *, field: str = "text") -> None:
    """Refuse a contact that says nothing. Raises Incomplete."""
    if not text:
        raise Incomplete(N_("Write what was done."), field=field)


def ensure_reason(reason: str) -> None:
    """Refuse an addition without its reason. Raises Incomplete."""
    if not reason:
        raise Incomplete(N_("Write the reason."), field="reason")


def ensure_own(*, is_own: bool, nurse: str) -> None:
    """Refuse to add to what somebody else signed. Raises NotYours."""
    if not is_own:
        raise NotYours(N_("Only %(nurse)s can add to this."), nurse=nurse)
