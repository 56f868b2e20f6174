"""What a value is asked about before it is saved: a slip of ten, a sudden change, a value that no one of that age has.

The percentages are our own and unconfirmed by the clinic.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.kernel.text import N_, Remark
from clinic.patients.rules import Age
from clinic.visits.rules.kinds import Verdict, Vital
from clinic.visits.rules.measures import ADULT, MEASURES, PLAUSIBLE, YEAR, to_shown, verdict

_SIZES = frozenset({Vital.WEIGHT, Vital.LENGTH, Vital.HEIGHT, Vital.HEAD, Vital.ARM})
_STATURES = frozenset({Vital.LENGTH, Vital.HEIGHT})
# Between these many times the last value, a point was most likely missed.
TENFOLD_FROM, TENFOLD_TO = 7, 14
# Standing is up to 0.7 cm shorter than lying, and hands differ.
SHORTER_BY = 20
CHANGE_DAYS = 180
GAIN_DAYS = 31
# A newborn may lose a tenth of the weight in the first ten days.
LOSS_PERCENT_NEWBORN = 10
LOSS_PERCENT_CHILD = 5
LOSS_PERCENT_ADULT = 10
GAIN_PERCENT_INFANT = 60
GAIN_PERCENT_CHILD = 15
GAIN_PERCENT_ADULT = 10


@dataclass(frozen=True)
class Last:
    """The last value of the same kind, in stored units, and how many days ago it was taken."""

    stored: int
    days: int


@dataclass(frozen=True)
class Ask:
    """A question that keeps a value from being saved until it is answered; `suggestion` is in stored units."""

    remark: Remark
    suggestion: int | None = None


def asks(vital: Vital, stored: int, age: Age | None, last: Last | None) -> tuple[Ask, ...]:
    """Return what must be asked about a possible value; a slip of ten hides the questions that it would raise."""
    slip = _slip_of_ten(vital, stored, last)
    if slip is not None:
        return (slip,)
    return (*_unlikely(vital, stored, age), *_changes(vital, stored, age, last))


def _slip_of_ten(vital: Vital, stored: int, last: Last | None) -> Ask | None:
    if vital not in _SIZES or last is None:
        return None
    if last.stored * TENFOLD_FROM <= stored <= last.stored * TENFOLD_TO:
        return _meant(vital, stored // 10, Remark("TENFOLD", N_("10 times the last value.")))
    if stored * TENFOLD_FROM <= last.stored <= stored * TENFOLD_TO:
        return _meant(vital, stored * 10, Remark("TENTH", N_("A tenth of the last value.")))
    return None


def _meant(vital: Vital, suggestion: int, remark: Remark) -> Ask | None:
    measure = MEASURES[vital]
    return Ask(remark, suggestion) if measure.least <= suggestion <= measure.most else None


def _unlikely(vital: Vital, stored: int, age: Age | None) -> Iterator[Ask]:
    if verdict(vital, stored, age, PLAUSIBLE) in {Verdict.LOW, Verdict.HIGH}:
        yield Ask(Remark("UNLIKELY", N_("Unlikely at this age. Look at the person and the scale again.")))


def _changes(vital: Vital, stored: int, age: Age | None, last: Last | None) -> Iterator[Ask]:
    if last is None or last.days > CHANGE_DAYS:
        return
    if vital in _STATURES and last.stored - stored > SHORTER_BY:
        values = {"last": to_shown(vital, last.stored), "days": last.days}
        yield Ask(Remark("SHORTER", N_("Shorter than %(days)s days ago (%(last)s cm). Measure again."), values))
    if vital is Vital.WEIGHT:
        yield from _weight_change(stored, age, last)


def _weight_change(stored: int, age: Age | None, last: Last) -> Iterator[Ask]:
    values = {"last": to_shown(Vital.WEIGHT, last.stored), "days": last.days}
    loss, gain = _limits(age)
    if stored * 100 < last.stored * (100 - loss):
        yield Ask(Remark("LOST", N_("Much less than %(days)s days ago (%(last)s kg). Weigh again."), values))
    if last.days <= GAIN_DAYS and stored * 100 > last.stored * (100 + gain):
        yield Ask(Remark("GAINED", N_("Much more than %(days)s days ago (%(last)s kg). Weigh again."), values))


def _limits(age: Age | None) -> tuple[int, int]:
    """Return by how many per cent a weight may fall and rise unasked."""
    if age is None or age.months_at_least >= ADULT:
        return LOSS_PERCENT_ADULT, GAIN_PERCENT_ADULT
    if age.months_at_least < 1:
        return LOSS_PERCENT_NEWBORN, GAIN_PERCENT_INFANT
    return LOSS_PERCENT_CHILD, GAIN_PERCENT_INFANT if age.months_at_least < YEAR else GAIN_PERCENT_CHILD
