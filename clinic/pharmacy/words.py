"""How a dose reads: in words, never as 3x1, in the language spoken here (a label's is the patient's)."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from clinic.kernel.i18n import _, ngettext, number
from clinic.kernel.text import N_
from clinic.pharmacy.rules import Dose, DoseUnit, Finding, Food, Medicine, Milligrams

_HALF = Decimal("0.5")
_SMALL = Decimal(10)

_COUNTED: dict[DoseUnit, Callable[[int], str]] = {
    DoseUnit.TABLET: lambda num: ngettext("%(num)s tablet", "%(num)s tablets", num),
    DoseUnit.CAPSULE: lambda num: ngettext("%(num)s capsule", "%(num)s capsules", num),
    DoseUnit.DROP: lambda num: ngettext("%(num)s drop", "%(num)s drops", num),
    DoseUnit.PUFF: lambda num: ngettext("%(num)s puff", "%(num)s puffs", num),
    DoseUnit.SACHET: lambda num: ngettext("%(num)s sachet", "%(num)s sachets", num),
    DoseUnit.AMPOULE: lambda num: ngettext("%(num)s ampoule", "%(num)s ampoules", num),
    DoseUnit.VIAL: lambda num: ngettext("%(num)s vial", "%(num)s vials", num),
    DoseUnit.TUBE: lambda num: ngettext("%(num)s tube", "%(num)s tubes", num),
    DoseUnit.BAG: lambda num: ngettext("%(num)s bag", "%(num)s bags", num),
    DoseUnit.IU: lambda num: ngettext("%(num)s unit (IU)", "%(num)s units (IU)", num),
    DoseUnit.PIECE: lambda num: ngettext("%(num)s piece", "%(num)s pieces", num),
}


def amount_words(amount: Decimal, unit: DoseUnit) -> str:
    """Return one dose: "1 tablet", "half a tablet", "8.5 mL", "a thin layer"."""
    if unit is DoseUnit.ML:
        return _("%(amount)s mL", amount=number(amount))
    if unit is DoseUnit.APPLICATION:
        return _("a thin layer")
    if amount == int(amount):
        return _COUNTED[unit](int(amount))
    if unit is DoseUnit.TABLET:
        return _("half a tablet") if amount == _HALF else _("%(amount)s tablets", amount=number(amount))
    return f"{number(amount)} {_(unit.label)}"


def often_words(dose: Dose) -> str:
    """Return how often: "once", "3 times a day", "every 6 hours", "when needed, at most 4 times a day"."""
    if dose.is_as_needed:
        return ngettext(
            "when needed, at most once a day", "when needed, at most %(num)s times a day", dose.max_per_day or 0
        )
    if dose.every_hours:
        return ngettext("every hour", "every %(num)s hours", dose.every_hours)
    if dose.per_day == dose.days == 1:
        return _("once")
    return ngettext("once a day", "%(num)s times a day", dose.per_day)


def dose_words(dose: Dose) -> str:
    """Return a dose as one reads it out: "1 tablet, 3 times a day, after food, for 7 days"."""
    parts = [amount_words(dose.amount, dose.unit), often_words(dose)]
    if dose.food is not Food.ANY:
        parts.append(_(dose.food.label))
    if dose.days > 1:
        parts.append(ngettext("for %(num)s day", "for %(num)s days", dose.days))
    return listed(parts)


def times_words(dose: Dose) -> str:
    """Return the times of day: "morning, noon, evening"; empty where none are fixed."""
    return listed([_(time.label) for time in dose.times])


def listed(parts: Sequence[str]) -> str:
    """Return words one after the other with the comma of the language spoken here."""
    first, *rest = parts or ("",)
    for part in rest:
        first = _("%(first)s, %(second)s", first=first, second=part)
    return first


def milligram_words(amounts: Milligrams, medicine: Medicine) -> str:
    """Return what a dose comes to: "425 mg a dose, 83 mg/kg a day (40 to 90)"."""
    dose = _("%(mg)s mg a dose", mg=_figure(amounts.per_dose))
    if amounts.per_kg_day is None:
        return _("%(dose)s, %(mg)s mg a day", dose=dose, mg=_figure(amounts.per_day))
    by_weight = _("%(dose)s, %(mg)s mg/kg a day", dose=dose, mg=_figure(amounts.per_kg_day))
    if medicine.mg_kg_day_min is None or medicine.mg_kg_day_max is None:
        return by_weight
    if medicine.mg_kg_day_min == medicine.mg_kg_day_max:
        return f"{by_weight} ({number(medicine.mg_kg_day_max)})"
    bounds = {"least": number(medicine.mg_kg_day_min), "most": number(medicine.mg_kg_day_max)}
    return _("%(dose)s (%(least)s to %(most)s)", dose=by_weight, **bounds)


def finding_words(finding: Finding) -> str:
    """Return what was found, with its figures, and that they are unconfirmed where nobody has confirmed them."""
    values = {name: _value(value) for name, value in finding.values.items()}
    words = _(finding.message, **values)
    return f"{words} {_(_UNCONFIRMED)}" if finding.is_unconfirmed else words


_UNCONFIRMED = N_("Figures not confirmed by the clinic.")


def _value(value: object) -> object:
    return number(value) if isinstance(value, Decimal) else value


def _figure(value: Decimal) -> str:
    return number(value, 1 if value < _SMALL and value != int(value) else 0)
