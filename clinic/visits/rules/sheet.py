"""Which questions the nurse's sheet puts at which age, and which of them may not be left out."""

from collections.abc import Collection
from dataclasses import dataclass

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.patients.rules import Age
from clinic.visits.rules.kinds import DangerSign, Priority, Vital
from clinic.visits.rules.measures import ADULT, ARM_NORMAL_FROM, WEIGH_UNDER, YEAR, arm_class, must_weigh

_UNDER_FIVE = 5 * YEAR
_LYING_UNDER = 2 * YEAR


@dataclass(frozen=True)
class Sheet:
    """The vital signs that are measured of a person, in order, those that may follow, and the danger signs asked."""

    vitals: tuple[Vital, ...]
    more: tuple[Vital, ...]
    signs: tuple[DangerSign, ...]


class NotWeighed(DomainError):
    """A child has no weight tonight."""

    code = "not_weighed"
    status = 422


class SignsNotAsked(DomainError):
    """A danger sign of a child was not asked."""

    code = "signs_not_asked"
    status = 422


class NothingMeasured(DomainError):
    """Triage would end with nothing measured and nothing asked."""

    code = "nothing_measured"
    status = 422


_BREATH = (Vital.TEMPERATURE, Vital.RESPIRATION, Vital.PULSE, Vital.OXYGEN)
_PRESSURE = (Vital.SYSTOLIC, Vital.DIASTOLIC)


def sheet_for(age: Age | None) -> Sheet:
    """Return the sheet of an age; one of whom nothing is known gets an adult's.

    Danger signs are asked of every child who may be under five. Source: WHO IMCI chart booklet 2014.
    """
    if age is None or age.months_at_least >= WEIGH_UNDER:
        awake = (Vital.OXYGEN_GIVEN, Vital.CONSCIOUSNESS) if age is None or age.months_at_least >= ADULT else ()
        return Sheet((*_BREATH, *_PRESSURE, *awake, Vital.WEIGHT), (Vital.HEIGHT, Vital.PAIN, Vital.GLUCOSE), ())
    if age.months_at_least >= _UNDER_FIVE:
        return Sheet((Vital.WEIGHT, *_BREATH, *_PRESSURE, Vital.HEIGHT), (Vital.PAIN, Vital.GLUCOSE), ())
    arm = (Vital.ARM,) if arm_class(ARM_NORMAL_FROM, age) else ()
    is_lying = age.months_at_least < _LYING_UNDER
    size = Vital.LENGTH if is_lying else Vital.HEIGHT
    more = (*((Vital.HEAD,) if is_lying else ()), Vital.OEDEMA, *_PRESSURE, Vital.GLUCOSE)
    return Sheet((Vital.WEIGHT, *_BREATH, *arm, size), more, tuple(DangerSign))


def ensure_complete(age: Age | None, kinds: Collection[str], *, priority: Priority) -> None:
    """Refuse to end a child's triage without a weight or with a danger sign not asked; an emergency goes at once.

    Raises NothingMeasured, NotWeighed, SignsNotAsked.
    """
    if priority is Priority.EMERGENCY:
        return
    if not kinds:
        raise NothingMeasured(N_("Nothing is measured yet. An emergency may go without."))
    if must_weigh(age) and Vital.WEIGHT not in kinds:
        raise NotWeighed(
            N_("Under 12 years a weight is needed. An emergency may go without."), field=Vital.WEIGHT.value.lower()
        )
    left = [sign for sign in sheet_for(age).signs if sign not in kinds]
    if left:
        raise SignsNotAsked(
            N_("Danger signs not asked yet: %(left)s. An emergency may go without."),
            field=left[0].value.lower(),
            left=len(left),
        )
