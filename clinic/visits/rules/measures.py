"""How each vital sign is measured and stored, which values cannot be, and what is usual at which age.

No figure here has been confirmed by the clinic's doctors: every band says so, and screens show it. Limits refuse what
cannot be; bands flag; neither is a diagnosis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.patients.rules import Age
from clinic.visits.rules.kinds import ArmClass, Verdict, Vital

YEAR = 12
ADULT = 16 * YEAR
WEIGH_UNDER = 12 * YEAR


@dataclass(frozen=True)
class Measure:
    """How a vital sign is shown and stored: whole units of 1/`scale` of what is shown.

    `least` and `most` are stored units; outside them a value cannot be. `slips` are factors by which people miss the
    unit: a temperature without its point, an arm in centimetres.
    """

    unit: str
    scale: int
    least: int
    most: int
    slips: tuple[Decimal, ...] = ()

    @property
    def decimals(self) -> int:
        """Return the digits after the point that are shown at most."""
        return len(str(self.scale)) - 1


_TENTH, _TEN, _HUNDRED, _THOUSANDTH = Decimal("0.1"), Decimal(10), Decimal(100), Decimal("0.001")
MEASURES: Mapping[Vital, Measure] = {
    Vital.WEIGHT: Measure(N_("kg"), scale=1000, least=200, most=400_000, slips=(_THOUSANDTH,)),
    Vital.LENGTH: Measure(N_("cm"), scale=10, least=200, most=2300, slips=(_HUNDRED, _TENTH)),
    Vital.HEIGHT: Measure(N_("cm"), scale=10, least=400, most=2600, slips=(_HUNDRED, _TENTH)),
    Vital.HEAD: Measure(N_("cm"), scale=10, least=150, most=900, slips=(_TENTH,)),
    Vital.ARM: Measure(N_("mm"), scale=1, least=50, most=700, slips=(_TEN,)),
    Vital.TEMPERATURE: Measure(N_("°C"), scale=10, least=250, most=450, slips=(_TENTH,)),
    Vital.PULSE: Measure(N_("/min"), scale=1, least=10, most=350),
    Vital.RESPIRATION: Measure(N_("/min"), scale=1, least=4, most=150),
    Vital.OXYGEN: Measure("%", scale=1, least=20, most=100),
    Vital.SYSTOLIC: Measure(N_("mmHg"), scale=1, least=20, most=300),
    Vital.DIASTOLIC: Measure(N_("mmHg"), scale=1, least=0, most=200),
    Vital.CONSCIOUSNESS: Measure("", scale=1, least=0, most=4),
    Vital.OXYGEN_GIVEN: Measure("", scale=1, least=0, most=1),
    Vital.PAIN: Measure("", scale=1, least=0, most=10),
    Vital.GLUCOSE: Measure(N_("mg/dL"), scale=1, least=10, most=1000),
    Vital.OEDEMA: Measure("", scale=1, least=0, most=1),
}


class ImpossibleValue(DomainError):
    """A value that nobody living has; `suggestion` is what may have been meant, where one slip explains it."""

    code = "impossible_value"
    status = 422

    def __init__(self, message: str, *, vital: Vital, suggestion: Decimal | None = None, **values: object) -> None:
        told = {} if suggestion is None else {"suggestion": suggestion}
        super().__init__(message, field=vital.value.lower(), **told, **values)
        self.suggestion = suggestion


def to_stored(vital: Vital, value: Decimal) -> int:
    """Return the whole units in which `value`, as shown, is stored. Raises ImpossibleValue."""
    measure = MEASURES[vital]
    units = value * measure.scale
    if not measure.least <= units <= measure.most:
        raise _impossible(vital, value)
    if units != int(units):
        message = N_("%(value)s has too many digits after the point. Write at most %(most)s.")
        raise ImpossibleValue(message, vital=vital, value=value, most=measure.decimals)
    return int(units)


def _impossible(vital: Vital, value: Decimal) -> ImpossibleValue:
    measure = MEASURES[vital]
    for slip in measure.slips:
        meant = round(value * slip * measure.scale)
        if measure.least <= meant <= measure.most:
            suggestion = to_shown(vital, meant)
            message = N_("%(value)s cannot be. Did you mean %(suggestion)s?")
            return ImpossibleValue(message, vital=vital, suggestion=suggestion, value=value)
    message = N_("%(value)s cannot be. Values go from %(least)s to %(most)s.")
    least, most = to_shown(vital, measure.least), to_shown(vital, measure.most)
    return ImpossibleValue(message, vital=vital, value=value, least=least, most=most)


def to_shown(vital: Vital, stored: int) -> Decimal:
    """Return a stored value as it is shown, without trailing zeros."""
    return Decimal(stored) / MEASURES[vital].scale


def ensure_pressures(systolic: int, diastolic: int) -> None:
    """Refuse a lower pressure that is not below the upper one. Raises ImpossibleValue."""
    if diastolic >= systolic:
        raise ImpossibleValue(N_("The lower pressure must be below the upper one."), vital=Vital.DIASTOLIC)


@dataclass(frozen=True)
class Band:
    """What is usual from one age to before another, in stored units; an open end is not known and never judged.

    `confirmed` is set once the clinic's doctors have signed for the figure.
    """

    from_month: int
    until_month: int
    low: int | None
    high: int | None
    source: str
    confirmed: bool = False

    def verdict(self, stored: int) -> Verdict | None:
        """Return LOW or HIGH outside, USUAL inside a band with two ends, None where one end is not known."""
        if self.low is not None and stored < self.low:
            return Verdict.LOW
        if self.high is not None and stored > self.high:
            return Verdict.HIGH
        return None if self.low is None or self.high is None else Verdict.USUAL


OLDEST = 130 * YEAR
_IMCI = "WHO IMCI chart booklet 2014"
_PALS = "PALS, as tabulated in Fleming et al., Lancet 2011;377:1011, web appendix"
_APLS = "APLS, as tabulated in Fleming et al., Lancet 2011;377:1011, web appendix"
_NEWS = "Royal College of Physicians, NEWS2, 2017: the range that scores 0"
_LOW_PRESSURE = "PALS: hypotension by age"
_AAP = "PALS: hypotension below 70 + 2 x age, 90 from ten years; AAP 2017: pressures that need a second look, lower sex"
_ADULT_PRESSURE = "hypotension below 90/60; hypertension from 140/90, ISH 2020"
# First year of age to the twelfth: systolic and diastolic that need a second look.
_SECOND_LOOK = (
    (98, 52),
    (100, 55),
    (101, 58),
    (102, 60),
    (103, 63),
    (105, 66),
    (106, 68),
    (107, 69),
    (107, 70),
    (108, 72),
    (110, 74),
    (113, 75),
)
_TEENAGER = 13
_SECOND_LOOK_TEENAGER = (120, 80)


BANDS: Mapping[Vital, tuple[Band, ...]] = {
    Vital.TEMPERATURE: (
        Band(0, ADULT, 355, 374, f"{_IMCI}: low below 35.5, fever from 37.5"),
        Band(ADULT, OLDEST, 361, 380, _NEWS),
    ),
    Vital.RESPIRATION: (
        Band(0, 2, 30, 59, f"{_PALS}; fast from 60, {_IMCI}"),
        Band(2, YEAR, 30, 49, f"{_PALS}; fast from 50, {_IMCI}"),
        Band(YEAR, 4 * YEAR, 24, 39, f"{_PALS}; fast from 40, {_IMCI}"),
        Band(4 * YEAR, 5 * YEAR, 22, 39, f"{_PALS}; fast from 40, {_IMCI}"),
        Band(5 * YEAR, 6 * YEAR, 22, 34, _PALS),
        Band(6 * YEAR, _TEENAGER * YEAR, 18, 30, _PALS),
        Band(_TEENAGER * YEAR, OLDEST, 12, 20, _NEWS),
    ),
    Vital.PULSE: (
        Band(0, YEAR, 110, 160, _APLS),
        Band(YEAR, 2 * YEAR, 100, 150, _APLS),
        Band(2 * YEAR, 5 * YEAR, 95, 140, _APLS),
        Band(5 * YEAR, 12 * YEAR, 80, 120, _APLS),
        Band(12 * YEAR, OLDEST, 60, 100, _APLS),
    ),
    Vital.OXYGEN: (
        Band(0, ADULT, 95, 100, "usual at sea level; below 90 is hypoxaemia, WHO Pocket Book 2013"),
        Band(ADULT, OLDEST, 96, 100, _NEWS),
    ),
    Vital.SYSTOLIC: (
        Band(0, 1, 60, None, _LOW_PRESSURE),
        Band(1, YEAR, 70, None, _LOW_PRESSURE),
        *(
            Band(year * YEAR, (year + 1) * YEAR, min(70 + 2 * year, 90), look[0] - 1, _AAP)
            for year, look in enumerate(_SECOND_LOOK, start=1)
        ),
        Band(_TEENAGER * YEAR, ADULT, 90, _SECOND_LOOK_TEENAGER[0] - 1, _AAP),
        Band(ADULT, OLDEST, 90, 139, _ADULT_PRESSURE),
    ),
    Vital.DIASTOLIC: (
        *(
            Band(year * YEAR, (year + 1) * YEAR, None, look[1] - 1, _AAP)
            for year, look in enumerate(_SECOND_LOOK, start=1)
        ),
        Band(_TEENAGER * YEAR, ADULT, None, _SECOND_LOOK_TEENAGER[1] - 1, _AAP),
        Band(ADULT, OLDEST, 60, 89, _ADULT_PRESSURE),
    ),
    Vital.GLUCOSE: (Band(0, OLDEST, 70, 199, "ADA 2024: low below 70; diabetes suspected from 200 at any time"),),
}
# Wider than any growth curve: not what is usual, but what is likely mistyped. Our own figures.
_PLAUSIBLE = "wide bounds of our own"
PLAUSIBLE: Mapping[Vital, tuple[Band, ...]] = {
    Vital.WEIGHT: (
        Band(0, 1, 500, 7_000, _PLAUSIBLE),
        Band(1, 6, 1_500, 13_000, _PLAUSIBLE),
        Band(6, YEAR, 3_000, 18_000, _PLAUSIBLE),
        Band(YEAR, 3 * YEAR, 4_000, 27_000, _PLAUSIBLE),
        Band(3 * YEAR, 6 * YEAR, 6_000, 50_000, _PLAUSIBLE),
        Band(6 * YEAR, 10 * YEAR, 9_000, 90_000, _PLAUSIBLE),
        Band(10 * YEAR, ADULT, 14_000, 160_000, _PLAUSIBLE),
        Band(ADULT, OLDEST, 25_000, 250_000, _PLAUSIBLE),
    ),
    Vital.LENGTH: (
        Band(0, 1, 300, 650, _PLAUSIBLE),
        Band(1, YEAR, 380, 950, _PLAUSIBLE),
        Band(YEAR, 3 * YEAR, 550, 1200, _PLAUSIBLE),
        Band(3 * YEAR, OLDEST, 700, 2300, _PLAUSIBLE),
    ),
    Vital.HEIGHT: (
        Band(YEAR, 3 * YEAR, 550, 1200, _PLAUSIBLE),
        Band(3 * YEAR, 6 * YEAR, 700, 1450, _PLAUSIBLE),
        Band(6 * YEAR, 10 * YEAR, 850, 1750, _PLAUSIBLE),
        Band(10 * YEAR, ADULT, 1000, 2150, _PLAUSIBLE),
        Band(ADULT, OLDEST, 1000, 2300, _PLAUSIBLE),
    ),
    Vital.HEAD: (
        Band(0, YEAR, 220, 560, _PLAUSIBLE),
        Band(YEAR, OLDEST, 350, 680, _PLAUSIBLE),
    ),
}


def bands_for(vital: Vital, age: Age | None, table: Mapping[Vital, tuple[Band, ...]] = BANDS) -> tuple[Band, ...]:
    """Return the bands in which the person may be: one for a known age, several for an approximate one, or none."""
    if age is None:
        return ()
    return tuple(
        band
        for band in table.get(vital, ())
        if band.from_month <= age.months_at_most and age.months_at_least < band.until_month
    )


def verdict(
    vital: Vital, stored: int, age: Age | None, table: Mapping[Vital, tuple[Band, ...]] = BANDS
) -> Verdict | None:
    """Return what the bands agree on in which the person may be; None where they differ or leave an age out."""
    bands = bands_for(vital, age, table)
    if age is None or not bands or age.months_at_least < bands[0].from_month:
        return None
    found = {band.verdict(stored) for band in bands}
    return found.pop() if len(found) == 1 else None


def must_weigh(age: Age | None) -> bool:
    """Tell whether a weight may not be left out: under twelve years."""
    return age is not None and age.months_at_least < WEIGH_UNDER


WEIGHT_DAYS = 30
WEIGHT_DAYS_INFANT = 7


def weight_is_old(days: int, age: Age | None) -> bool:
    """Tell whether a weight taken `days` ago is too old to reckon a dose with: over 30 days, over 7 for an infant."""
    is_infant = age is not None and age.months_at_least < YEAR
    return days > (WEIGHT_DAYS_INFANT if is_infant else WEIGHT_DAYS)


ARM_SEVERE_BELOW = 115
ARM_NORMAL_FROM = 125
ARM_FROM_MONTH = 6
ARM_UNTIL_MONTH = 60


def arm_class(millimetres: int, age: Age | None) -> ArmClass | None:
    """Return the class of an arm circumference for a child who may be 6 to 59 months old; None for all others.

    Source: WHO and UNICEF, growth standards and the identification of severe acute malnutrition, 2009. Unconfirmed.
    """
    if age is None or not (age.months_at_most >= ARM_FROM_MONTH and age.months_at_least < ARM_UNTIL_MONTH):
        return None
    if millimetres < ARM_SEVERE_BELOW:
        return ArmClass.SEVERE
    return ArmClass.NORMAL if millimetres >= ARM_NORMAL_FROM else ArmClass.MODERATE
