"""A dose as codes, and what it comes to: doses a day, milligrams, how much to hand out. Pure."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from clinic.chart.rules import AllergyGroup
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.pharmacy.rules.kinds import DoseUnit, Food, TimeOfDay

HOURS = 24
MOST_DAYS = 365
MOST_PER_DAY = 24
MOST_AMOUNT = Decimal(1000)
# what can be measured out: half a tablet where it may be broken, half a millilitre from a spoon, tenths from a syringe
HALF = Decimal("0.5")
TENTH = Decimal("0.1")
SMALL_VOLUME = Decimal(5)
HALF_SPOON = Decimal("2.5")

_WHOLE_PACKS = {DoseUnit.APPLICATION, DoseUnit.DROP, DoseUnit.IU}
_DOSES_IN_PACK = re.compile(r"(\d+) doses")


class BadDose(DomainError):
    """A dose that cannot be taken or counted; `field` names the part that is wrong."""

    code = "bad_dose"
    status = 422


@dataclass(frozen=True, kw_only=True)
class Medicine:
    """What doses are reckoned with: `mg` in one unit, or in `per_ml` millilitres where that is given.

    Figures of a formulary that nobody confirmed say so wherever they are shown.
    """

    item_id: int
    inn: str
    atc: str
    form: str
    strength: str
    base_unit: str
    route: str = ""
    mg: Decimal | None = None
    per_ml: Decimal | None = None
    pack_ml: Decimal | None = None
    in_use_days: int | None = None
    is_divisible: bool = False
    mg_kg_day_min: Decimal | None = None
    mg_kg_day_max: Decimal | None = None
    doses_per_day: int | None = None
    max_mg_day: Decimal | None = None
    min_age_months: int | None = None
    child_note: str = ""
    pregnancy_caution: str = ""
    allergy_group: AllergyGroup | None = None
    is_confirmed: bool = False

    @property
    def name(self) -> str:
        """The medicine as it is read out, by substance and strength."""
        return f"{self.inn} {self.strength}".strip()

    @property
    def dose_unit(self) -> DoseUnit:
        """What a dose of it is counted in."""
        return dose_unit(self.form, self.strength, self.base_unit)

    @property
    def mg_per_unit(self) -> Decimal | None:
        """Milligrams in one unit of a dose; None where the strength is not in milligrams."""
        if self.mg is None:
            return None
        if self.dose_unit is DoseUnit.ML:
            return self.mg / self.per_ml if self.per_ml else None
        return None if self.dose_unit in _WHOLE_PACKS else self.mg


@dataclass(frozen=True, kw_only=True)
class Dose:
    """How a medicine is taken: so much at these times of day, or when needed; for so many days."""

    amount: Decimal
    unit: DoseUnit
    times: tuple[TimeOfDay, ...] = ()
    every_hours: int | None = None
    is_as_needed: bool = False
    max_per_day: int | None = None
    food: Food = Food.ANY
    days: int

    @property
    def per_day(self) -> int:
        """Doses a day, for "when needed" at most."""
        if self.is_as_needed:
            return self.max_per_day or 0
        return HOURS // self.every_hours if self.every_hours else len(self.times)


@dataclass(frozen=True)
class Quantity:
    """How much is handed out, in whole base units; `is_whole_pack` where a pack is given whatever the dose."""

    units: int
    is_whole_pack: bool = False


@dataclass(frozen=True)
class Milligrams:
    """What a dose comes to; by weight where a weight is known."""

    per_dose: Decimal
    per_day: Decimal
    per_kg_dose: Decimal | None = None
    per_kg_day: Decimal | None = None


def dose_unit(form: str, strength: str, base_unit: str) -> DoseUnit:
    """Return what a dose of a form is counted in."""
    if "IU/mL" in strength and "vial" in base_unit:
        return DoseUnit.IU
    if "drop" in form and ("oral" not in form or "/drop" in strength):
        return DoseUnit.DROP
    words = f"{form} {base_unit}"
    return next((unit for word, unit in _UNIT_BY_WORD.items() if word in words), DoseUnit.PIECE)


# the first that is found counts: an eye ointment in a tube is applied, a syrup in a bottle is measured
_UNIT_BY_WORD = {
    "infusion": DoseUnit.BAG,
    "inhaler": DoseUnit.PUFF,
    **dict.fromkeys(("cream", "gel", "ointment", "lotion"), DoseUnit.APPLICATION),
    "sachet": DoseUnit.SACHET,
    "ampoule": DoseUnit.AMPOULE,
    "vial": DoseUnit.VIAL,
    "rectal tube": DoseUnit.TUBE,
    "tablet": DoseUnit.TABLET,
    "capsule": DoseUnit.CAPSULE,
    "oral": DoseUnit.ML,
    "solution bottle": DoseUnit.APPLICATION,
    "bottle": DoseUnit.ML,
}


def ensure_dose(dose: Dose, *, is_divisible: bool = False) -> None:
    """Refuse a dose that cannot be taken or counted. Raises BadDose."""
    if not 0 < dose.amount <= MOST_AMOUNT:
        raise BadDose(N_("Write how much one dose is."), field="amount")
    if not _is_measurable(dose, is_divisible=is_divisible):
        raise BadDose(_STEPS.get(dose.unit, N_("Only whole ones can be given.")), field="amount")
    if not 1 <= dose.days <= MOST_DAYS:
        raise BadDose(N_("Write for how many days, 1 to %(most)s."), field="days", most=MOST_DAYS)
    if dose.is_as_needed:
        if dose.max_per_day is None or not 1 <= dose.max_per_day <= MOST_PER_DAY:
            raise BadDose(N_("Write how often a day at most."), field="max_per_day")
    elif bool(dose.times) == bool(dose.every_hours):
        raise BadDose(N_("Choose the times of day, or when needed."), field="times")
    elif dose.every_hours and HOURS % dose.every_hours:
        raise BadDose(N_("Every 4, 6, 8, 12 or 24 hours."), field="every_hours")


_STEPS = {
    DoseUnit.TABLET: N_("This tablet is not to be broken. Write a whole number."),
    DoseUnit.ML: N_("Write millilitres in halves, or below 5 in tenths."),
}


def _is_measurable(dose: Dose, *, is_divisible: bool) -> bool:
    if dose.unit is DoseUnit.ML:
        return dose.amount % (TENTH if dose.amount < SMALL_VOLUME else HALF) == 0
    step = HALF if dose.unit is DoseUnit.TABLET and is_divisible else Decimal(1)
    return dose.amount % step == 0


def quantity(dose: Dose, medicine: Medicine) -> Quantity:
    """Return how many base units the course takes: loose ones counted, liquids in whole bottles.

    A bottle once opened serves for its in-use days at most. What has no count (a cream, drops) is one pack.
    """
    if dose.unit in _WHOLE_PACKS:
        return Quantity(1, is_whole_pack=True)
    if dose.unit is DoseUnit.PUFF:
        found = _DOSES_IN_PACK.search(medicine.base_unit)
        puffs = dose.amount * dose.per_day * dose.days
        return Quantity(_ceil(puffs / int(found[1])), is_whole_pack=True) if found else Quantity(1, is_whole_pack=True)
    if dose.unit is not DoseUnit.ML:
        return Quantity(_ceil(dose.amount * dose.per_day * dose.days))
    if not medicine.pack_ml:
        return Quantity(1, is_whole_pack=True)
    window = medicine.in_use_days or dose.days
    full, rest = divmod(dose.days, window)
    per_day = dose.amount * dose.per_day
    bottles = full * _ceil(per_day * window / medicine.pack_ml) + _ceil(per_day * rest / medicine.pack_ml)
    return Quantity(bottles, is_whole_pack=True)


def milligrams(dose: Dose, medicine: Medicine, weight_g: int | None = None) -> Milligrams | None:
    """Return what a dose comes to, by weight where one is given; None where its strength is not in milligrams."""
    if medicine.mg_per_unit is None:
        return None
    per_dose = dose.amount * medicine.mg_per_unit
    per_day = per_dose * dose.per_day
    if not weight_g:
        return Milligrams(per_dose, per_day)
    kilograms = Decimal(weight_g) / 1000
    return Milligrams(per_dose, per_day, per_dose / kilograms, per_day / kilograms)


def suggested_amount(medicine: Medicine, weight_g: int) -> Decimal | None:
    """Return the amount of one dose nearest the middle of the range by weight, at most the day's limit, as measured.

    Of a liquid a whole number of half spoons, 2.5 mL, where one lies in the range. None where the formulary has no
    range, or where no such amount can be measured out.
    """
    per_unit, times = medicine.mg_per_unit, medicine.doses_per_day
    if per_unit is None or not times or medicine.mg_kg_day_min is None or medicine.mg_kg_day_max is None:
        return None
    least, most = (
        per_kg_day * weight_g / 1000 / times / per_unit
        for per_kg_day in (medicine.mg_kg_day_min, medicine.mg_kg_day_max)
    )
    limit = min(most, medicine.max_mg_day / times / per_unit) if medicine.max_mg_day else most
    wanted = min((least + most) / 2, limit)
    spoons = _nearest(wanted, HALF_SPOON, limit)
    if medicine.dose_unit is DoseUnit.ML and least <= spoons:
        return spoons.normalize() + 0
    measured = _nearest(wanted, _step(medicine, wanted), limit)
    return measured.normalize() + 0 if measured > 0 else None


def _nearest(wanted: Decimal, step: Decimal, limit: Decimal) -> Decimal:
    """Return the multiple of `step` nearest to `wanted` that does not pass `limit`."""
    nearest = (wanted / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step
    return nearest if nearest <= limit else nearest - step


def _step(medicine: Medicine, amount: Decimal) -> Decimal:
    if medicine.dose_unit is DoseUnit.ML:
        return TENTH if amount < SMALL_VOLUME else HALF
    return HALF if medicine.dose_unit is DoseUnit.TABLET and medicine.is_divisible else Decimal(1)


def _ceil(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))
