"""From which state a batch goes into which, by whom, and what must be so before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded


class State(Worded):
    """How far a batch has come."""

    DRAFT = "DRAFT", N_("Draft")
    SUBMITTED = "SUBMITTED", N_("Submitted")
    APPROVED = "APPROVED", N_("Approved")
    INSPECTED = "INSPECTED", N_("Inspected")
    SEALING = "SEALING", N_("Being sealed")
    SEALED = "SEALED", N_("Sealed")
    SIGNED = "SIGNED", N_("Signed by giver and custodian")
    ACCEPTED = "ACCEPTED", N_("Accepted")
    PARTLY = "PARTLY", N_("Accepted with exceptions")
    REJECTED = "REJECTED", N_("Rejected")
    CANCELLED = "CANCELLED", N_("Cancelled")
    WITHDRAWN = "WITHDRAWN", N_("Withdrawn")

    @property
    def is_over(self) -> bool:
        """Whether nothing happens to the batch any more."""
        return self in {State.ACCEPTED, State.PARTLY, State.REJECTED, State.CANCELLED, State.WITHDRAWN}


class Act(Worded):
    """What somebody does with a batch."""

    SUBMIT = "SUBMIT", N_("submitted")
    RETURN = "RETURN", N_("returned to the draft")
    APPROVE = "APPROVE", N_("approved")
    INSPECT = "INSPECT", N_("inspected")
    SEAL = "SEAL", N_("sealing begun")
    PRINT = "PRINT", N_("certificate printed")
    UNSEAL = "UNSEAL", N_("unsealed")
    SIGN = "SIGN", N_("signed")
    ANSWER = "ANSWER", N_("answered by the receiver")
    CANCEL = "CANCEL", N_("cancelled")
    WITHDRAW = "WITHDRAW", N_("withdrawn")


class Office(Worded):
    """An office whose approval a batch needs."""

    FINANCE = "FINANCE", N_("Finance")
    PROJECT_LEAD = "PROJECT_LEAD", N_("Project lead")


class Grade(Worded):
    """In what condition a thing is handed over."""

    A = "A", N_("A: new")
    B = "B", N_("B: good")
    C = "C", N_("C: usable, with faults")
    D = "D", N_("D: does not work")

    @property
    def needs_photo(self) -> bool:
        """Whether the condition must be shown."""
        return self in {Grade.C, Grade.D}


class Erasure(Worded):
    """Whether a device holds patients' data, and what became of them."""

    NONE = "NONE", N_("holds no patient data")
    ERASED = "ERASED", N_("patient data erased")


class Check(Worded):
    """Something that a line needs before it is sealed or closed; the words say that it lacks it."""

    PHOTO = "PHOTO", N_("no photo")
    NAMEPLATE = "NAMEPLATE", N_("no photo of the nameplate")
    CALIBRATION = "CALIBRATION", N_("calibration is due")
    PROOF = "PROOF", N_("no proof of purchase yet")
    INSPECTION = "INSPECTION", N_("not inspected yet")


class NoSuchStep(DomainError):
    """A batch in this state does not go that way."""

    code = "no_such_step"


class NotReady(DomainError):
    """Something that must be so is not."""

    code = "not_ready"
    status = 422


class AnotherPerson(DomainError):
    """The act belongs to somebody else than whoever did the one before."""

    code = "another_person"


# CUSTODY: the keeping moves, the title stays with the project (design of the handover, 4.2).
STEPS: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    **{(state, Act.RETURN): State.DRAFT for state in (State.SUBMITTED, State.APPROVED, State.INSPECTED)},
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.APPROVED, Act.INSPECT): State.INSPECTED,
    (State.INSPECTED, Act.SEAL): State.SEALING,
    (State.SEALING, Act.PRINT): State.SEALED,
    (State.SEALED, Act.UNSEAL): State.INSPECTED,
    (State.SEALED, Act.SIGN): State.SIGNED,
    (State.SIGNED, Act.ANSWER): State.ACCEPTED,
    (State.SIGNED, Act.WITHDRAW): State.WITHDRAWN,
    (State.SEALED, Act.WITHDRAW): State.WITHDRAWN,
    **{
        (state, Act.CANCEL): State.CANCELLED
        for state in (State.DRAFT, State.SUBMITTED, State.APPROVED, State.INSPECTED, State.SEALED)
    },
}


def next_state(state: State, act: Act) -> State:
    """Return the state into which an act leads. Raises NoSuchStep."""
    found = STEPS.get((state, act))
    if found is None:
        raise NoSuchStep(N_("That cannot be done with a batch in this state. Look at it again."))
    return found


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the receiver says of one line: of its units how many are taken, refused, and not there."""

    accepted: int
    rejected: int = 0
    missing: int = 0
    remark: str = ""


def ensure_answer(answer: Answer, quantity: int, *, field: str) -> None:
    """Refuse an answer whose figures do not make up the line, or that says no without saying why. Raises NotReady."""
    told = (answer.accepted, answer.rejected, answer.missing)
    if min(told) < 0 or sum(told) != quantity:
        raise NotReady(
            N_("%(accepted)s + %(rejected)s + %(missing)s is not %(quantity)s."),
            field=field,
            accepted=answer.accepted,
            rejected=answer.rejected,
            missing=answer.missing,
            quantity=quantity,
        )
    if answer.accepted != quantity and not answer.remark:
        raise NotReady(N_("Write why it is not accepted."), field=field.replace("accepted", "remark", 1))


def outcome(answers: Collection[Answer]) -> State:
    """Return what a batch comes to by the answers to its lines."""
    if not any(answer.accepted for answer in answers):
        return State.REJECTED
    whole = all(not answer.rejected and not answer.missing and not answer.remark for answer in answers)
    return State.ACCEPTED if whole else State.PARTLY


def ensure_within(on: date, *, starts_on: date | None, until: date | None) -> None:
    """Refuse a handover outside the time that the agreement leaves, or where that is not known. Raises NotReady."""
    if starts_on is None or until is None:
        raise NotReady(N_("The agreement does not say from when until when equipment is handed on."), field="on")
    if not starts_on <= on <= until:
        raise NotReady(
            N_("%(on)s is not between %(first)s and %(last)s, the time that the agreement leaves."),
            field="on",
            on=on,
            first=starts_on,
            last=until,
        )


def ensure_told(**terms: str) -> None:
    """Refuse a batch whose agreement leaves one of its terms open. Raises NotReady."""
    if not all(terms.values()):
        raise NotReady(
            N_("The agreement does not say who gives, under which instrument, on what legal basis and authorisation.")
        )


def ensure_other(user_id: int, *others: int | None) -> None:
    """Refuse one who did an act that the same person may not follow up. Raises AnotherPerson."""
    if user_id in others:
        raise AnotherPerson(N_("Another person must do this: you did an earlier step yourself."))


def ensure_reason(because: str) -> None:
    """Refuse an act without its reason. Raises NotReady."""
    if not because:
        raise NotReady(N_("Write the reason."), field="because")
