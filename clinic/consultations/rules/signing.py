"""What a doctor is told when a note cannot be kept, signed, left or read."""

from datetime import datetime

from clinic.consultations.rules.drafts import Content
from clinic.consultations.rules.kinds import PartKind, State
from clinic.kernel.errors import DomainError, Stale
from clinic.kernel.text import N_

LONGEST_REASON = 200
SHORTEST_REASON = 3


class ChartClosed(DomainError):
    """The person waits at none of the doctor's desks tonight, and the doctor never wrote in this chart."""

    code = "chart_closed"
    status = 403


class NotCalled(DomainError):
    """A note is begun for a person who was called to this desk, and for nobody else."""

    code = "not_called"


class NoteClosed(DomainError):
    """The note was signed, or the patient left: it does not change any more."""

    code = "note_closed"


class NotYours(DomainError):
    """The note is a colleague's; only its author adds to it."""

    code = "not_yours"
    status = 403


class Unsigned(DomainError):
    """Something that every signed note has is missing; `field` says what."""

    code = "unsigned"
    status = 422


class DraftMoved(Stale):
    """The draft was saved from another page since this one read it: `kept` stands on the server, nothing is lost."""

    code = "draft_moved"

    def __init__(self, kept: Content, *, version: int, saved_at: datetime | None) -> None:
        super().__init__(
            N_("Not kept: this draft was changed in another window at %(at)s. Both texts stand side by side."),
            at=saved_at,
        )
        self.kept, self.version, self.saved_at = kept, version, saved_at


def ensure_called(*, may_write: bool, number: int) -> None:
    """Refuse to write for a person who was not called to this desk."""
    if not may_write:
        raise NotCalled(N_("Call no. %(number)s to your desk first; then the note is yours to write."), number=number)


def ensure_not_closed(state: State | None, number: int) -> None:
    """Refuse to change a note that is final."""
    if state in {State.SIGNED, State.ABANDONED}:
        raise NoteClosed(N_("The note for no. %(number)s is closed. Add to it by an amendment."), number=number)


def ensure_own(*, is_own: bool, author: str) -> None:
    """Refuse to add to a colleague's note."""
    if not is_own:
        raise NotYours(N_("Only %(author)s can add to this note."), author=author)


def ensure_may_sign(content: Content) -> None:
    """Refuse a signature under a note without a complaint or finding, or without a diagnosis."""
    if not (content.part(PartKind.COMPLAINT) or content.part(PartKind.FINDINGS)):
        raise Unsigned(N_("Write what the person complains of, or what you found."), field="complaint")
    if not content.diagnoses:
        raise Unsigned(N_("Choose at least one diagnosis; a symptom has a code too."), field="diagnosis")


def ensure_reason(reason: str) -> None:
    """Refuse a reason that says nothing."""
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Unsigned(
            N_("Give the reason in %(least)s to %(most)s characters."),
            field="reason",
            least=SHORTEST_REASON,
            most=LONGEST_REASON,
        )
