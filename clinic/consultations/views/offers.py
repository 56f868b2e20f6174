"""How a medicine comes into the basket: with a dose to start from, which the doctor changes or leaves."""

from decimal import Decimal

from clinic.consultations.queries import Desk
from clinic.consultations.rules import DraftLine
from clinic.kernel import i18n
from clinic.kernel.access import Scope
from clinic.kernel.db import new_key
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.patients.queries import chart_of
from clinic.pharmacy.queries import dose_of, find_own_dose, get_line, get_medicines, read_taker
from clinic.pharmacy.rules import Dose, DoseUnit, Food, Medicine, TimeOfDay, suggested_amount

_COUNTED = {DoseUnit.TABLET, DoseUnit.CAPSULE, DoseUnit.SACHET, DoseUnit.APPLICATION}
_SLOTS = {
    1: (TimeOfDay.MORNING,),
    2: (TimeOfDay.MORNING, TimeOfDay.EVENING),
    3: (TimeOfDay.MORNING, TimeOfDay.NOON, TimeOfDay.EVENING),
    4: tuple(TimeOfDay),
}


def offered_line(scope: Scope, desk: Desk, item_id: int) -> DraftLine:
    """Return a medicine with a dose to start from: by weight for a child, or as this doctor last prescribed it.

    What nobody can know is left empty. Raises NotFound.
    """
    medicine = _medicine(item_id)
    taker = read_taker(scope, desk.person, [medicine])
    own = find_own_dose(scope, item_id)
    if taker.may_be_child:
        by_weight = taker.weight_g and not taker.is_weight_old
        amount = suggested_amount(medicine, taker.weight_g) if by_weight and taker.weight_g else None
        return _line(medicine, amount, _SLOTS.get(medicine.doses_per_day or 0, ()), own)
    if own is not None:
        return _as(medicine, own)
    amount = Decimal(1) if medicine.dose_unit in _COUNTED else None
    return _line(medicine, amount, _SLOTS.get(medicine.doses_per_day or 0, ()), None)


def line_again(scope: Scope, desk: Desk, line_id: int) -> DraftLine:
    """Return a medicine with the dose of an earlier prescription of this person. Raises NotFound."""
    line = get_line(chart_of(scope, desk.person.id), line_id)
    return _as(_medicine(line.item_id or 0), dose_of(line))


def _medicine(item_id: int) -> Medicine:
    medicine = get_medicines([item_id]).get(item_id)
    if medicine is None:
        raise NotFound(N_("That medicine is not on the formulary."))
    return medicine


def _line(medicine: Medicine, amount: Decimal | None, times: tuple[TimeOfDay, ...], own: Dose | None) -> DraftLine:
    return DraftLine(
        id=new_key()[:8],
        item_id=medicine.item_id,
        unit=medicine.dose_unit,
        inn=medicine.name,
        amount=i18n.number(amount, grouped=False) if amount else "",
        times=tuple(time.value for time in times),
        food=(own.food if own else Food.ANY).value,
        days=str(own.days) if own else "",
    )


def _as(medicine: Medicine, dose: Dose) -> DraftLine:
    return DraftLine(
        id=new_key()[:8],
        item_id=medicine.item_id,
        unit=medicine.dose_unit,
        inn=medicine.name,
        amount=i18n.number(dose.amount, grouped=False),
        times=tuple(time.value for time in dose.times),
        is_as_needed=dose.is_as_needed,
        max_per_day=str(dose.max_per_day) if dose.max_per_day else "",
        food=dose.food.value,
        days=str(dose.days),
    )
