"""How much of a line may still be given, what state it is in, and until when its course lasts. Pure."""

from datetime import date, timedelta
from decimal import Decimal

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded
from clinic.pharmacy.rules.kinds import LineState


class TooMuch(DomainError):
    """More would be given than was prescribed."""

    code = "too_much"


class NoUnits(DomainError):
    """Nothing would be given, or less than nothing."""

    code = "no_units"
    status = 422


class NotWhole(DomainError):
    """What is given instead makes no whole number of what was prescribed."""

    code = "not_whole"
    status = 422


class SkipReason(Worded):
    """Why the first lot to expire was passed over."""

    ENDS_TOO_SOON = "ENDS_TOO_SOON", N_("ends before the course does")
    DAMAGED = "DAMAGED", N_("box damaged")
    NOT_FOUND = "NOT_FOUND", N_("not found on the shelf")
    OTHER = "OTHER", N_("another reason")


def line_state(*, prescribed: int, given: int, is_closed: bool = False, is_cancelled: bool = False) -> LineState:
    """Return the state of a line; closed is one of which no more will be given."""
    if given >= prescribed:
        return LineState.GIVEN
    if is_cancelled:
        return LineState.CANCELLED
    if given:
        return LineState.PARTLY
    return LineState.NOT_GIVEN if is_closed else LineState.ORDERED


def ensure_may_give(*, prescribed: int, given: int, units: int) -> None:
    """Refuse to give nothing, or more than is left of what was prescribed. Raises NoUnits, TooMuch."""
    if units < 1:
        raise NoUnits(N_("Write how many are given."), field="units")
    if given + units > prescribed:
        raise TooMuch(
            N_("Prescribed %(prescribed)s, given %(given)s: at most %(left)s can still be given."),
            field="units",
            prescribed=prescribed,
            given=given,
            left=prescribed - given,
        )


def counts_as(units: int, *, mg: Decimal, prescribed_mg: Decimal) -> int:
    """Return how many prescribed units so many units of another strength stand for: 2 x 250 mg for 1 x 500 mg.

    Raises NotWhole.
    """
    found = units * mg / prescribed_mg
    if found != int(found) or found < 1:
        raise NotWhole(
            N_("%(units)s of %(mg)s mg make no whole number of %(prescribed)s mg."),
            field="units",
            units=units,
            mg=mg,
            prescribed=prescribed_mg,
        )
    return int(found)


def course_ends_on(begins_on: date, days: int) -> date:
    """Return the last day of a course, which a lot must outlive: a day's course ends on the day it begins."""
    return begins_on + timedelta(days=days - 1)
