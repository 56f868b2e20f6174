"""Early warning: the adult score, and what priority the signs suggest. The nurse decides.

Figures are unconfirmed by the clinic's doctors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clinic.kernel.text import N_, Remark
from clinic.patients.rules import Age
from clinic.visits.rules.kinds import ArmClass, DangerSign, Priority, Risk, Verdict, Vital
from clinic.visits.rules.measures import ADULT, YEAR, arm_class, to_shown, verdict

# Of each sign: the highest value that still scores so, in order. Source: Royal College of Physicians, NEWS2, 2017.
_TOP = 10_000
_STEPS: Mapping[Vital, tuple[tuple[int, int], ...]] = {
    Vital.RESPIRATION: ((8, 3), (11, 1), (20, 0), (24, 2), (_TOP, 3)),
    Vital.OXYGEN: ((91, 3), (93, 2), (95, 1), (_TOP, 0)),
    Vital.SYSTOLIC: ((90, 3), (100, 2), (110, 1), (219, 0), (_TOP, 3)),
    Vital.PULSE: ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (_TOP, 3)),
    Vital.CONSCIOUSNESS: ((0, 0), (_TOP, 3)),
    Vital.TEMPERATURE: ((350, 3), (360, 1), (380, 0), (390, 1), (_TOP, 2)),
}
OXYGEN_GIVEN_POINTS = 2
FAR_OFF = 3
MEDIUM_FROM = 5
HIGH_FROM = 7


@dataclass(frozen=True)
class EarlyWarning:
    """An adult early-warning score with the points of each sign; unconfirmed by the clinic."""

    points: Mapping[Vital, int]
    confirmed: bool = False

    @property
    def total(self) -> int:
        """Return the sum of all points, 0 to 20."""
        return sum(self.points.values())

    @property
    def risk(self) -> Risk:
        """Return what the score asks for: one value of 3 points weighs more than its sum."""
        if self.total >= HIGH_FROM:
            return Risk.HIGH
        if self.total >= MEDIUM_FROM:
            return Risk.MEDIUM
        return Risk.LOW_MEDIUM if FAR_OFF in self.points.values() else Risk.LOW


def early_warning(signs: Mapping[Vital, int], age: Age | None, *, is_pregnant: bool) -> EarlyWarning | None:
    """Return the NEWS2 score (oxygen scale 1) of stored values; None where it does not apply or a sign is missing.

    Never for anyone who may be under 16, nor in pregnancy. Oxygen counts as not given unless it is said.
    Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017.
    """
    if age is None or age.months_at_least < ADULT or is_pregnant or not signs.keys() >= _STEPS.keys():
        return None
    points = {vital: _points(steps, signs[vital]) for vital, steps in _STEPS.items()}
    given = OXYGEN_GIVEN_POINTS if signs.get(Vital.OXYGEN_GIVEN) else 0
    return EarlyWarning({**points, Vital.OXYGEN_GIVEN: given})


def _points(steps: tuple[tuple[int, int], ...], value: int) -> int:
    return next(points for highest, points in steps if value <= highest)


def danger_signs(age: Age | None) -> tuple[DangerSign, ...]:
    """Return the danger signs that are asked: all six for whoever may be under five, none for others."""
    return tuple(DangerSign) if age is not None and age.months_at_least < UNDER_FIVE else ()


UNDER_FIVE = 5 * YEAR
YOUNG_INFANT = 2
HYPOXAEMIA_BELOW = 90
HIGH_FEVER = 390
FEVER = 375
COLD = 355
SEVERE_PRESSURE = (160, 110)
RAISED_PRESSURE = (140, 90)
# General danger signs call for a doctor at once; chest indrawing alone is pneumonia and is seen soon.
_AT_ONCE = frozenset(DangerSign) - {DangerSign.CHEST_INDRAWING}


@dataclass(frozen=True)
class Suggestion:
    """The priority that the signs suggest, and which sign does."""

    priority: Priority
    because: tuple[Remark, ...]


def suggest(
    signs: Mapping[Vital, int], danger: frozenset[DangerSign], age: Age | None, *, is_pregnant: bool
) -> Suggestion:
    """Return the priority that stored values and the danger signs answered with yes suggest.

    Sources: WHO IMCI chart booklet 2014 (danger signs, fast breathing), WHO ETAT 2016 (young infants), WHO Pocket Book
    2013 (saturation below 90), WHO managing complications in pregnancy 2017 (160/110, 140/90), NEWS2 2017. Unconfirmed.
    """
    at_once = (*_danger(danger & _AT_ONCE), *_emergencies(signs, age, is_pregnant=is_pregnant))
    if at_once:
        return Suggestion(Priority.EMERGENCY, at_once)
    soon = (*_danger(danger), *_priorities(signs, age, is_pregnant=is_pregnant))
    return Suggestion(Priority.PRIORITY if soon else Priority.ROUTINE, soon)


def _danger(signs: frozenset[DangerSign]) -> Iterator[Remark]:
    return (Remark(sign, sign.label) for sign in DangerSign if sign in signs)


def _emergencies(signs: Mapping[Vital, int], age: Age | None, *, is_pregnant: bool) -> Iterator[Remark]:
    score = early_warning(signs, age, is_pregnant=is_pregnant)
    if score is not None and score.risk is Risk.HIGH:
        yield _score_remark(score)
    if signs.get(Vital.OXYGEN, HYPOXAEMIA_BELOW) < HYPOXAEMIA_BELOW:
        yield Remark("HYPOXAEMIA", N_("oxygen %(value)s %%"), {"value": signs[Vital.OXYGEN]})
    if signs.get(Vital.CONSCIOUSNESS, 0):
        yield Remark("CONSCIOUSNESS", N_("not alert"))
    if is_pregnant and _reaches(signs, SEVERE_PRESSURE):
        yield _pressure_remark(signs)
    temperature = signs.get(Vital.TEMPERATURE)
    if temperature is not None and _may_be_under(age, YOUNG_INFANT) and not COLD <= temperature < FEVER:
        yield _temperature_remark(temperature)


def _priorities(signs: Mapping[Vital, int], age: Age | None, *, is_pregnant: bool) -> Iterator[Remark]:
    score = early_warning(signs, age, is_pregnant=is_pregnant)
    if score is not None and score.risk is not Risk.LOW:
        yield _score_remark(score)
    if _may_be_under(age, YOUNG_INFANT):
        yield Remark("YOUNG_INFANT", N_("under two months"))
    if signs.get(Vital.TEMPERATURE, 0) >= HIGH_FEVER:
        yield _temperature_remark(signs[Vital.TEMPERATURE])
    if _may_be_under(age, UNDER_FIVE) and _is_fast(signs, age):
        yield Remark("FAST_BREATHING", N_("fast breathing (%(value)s)"), {"value": signs[Vital.RESPIRATION]})
    if Vital.ARM in signs and arm_class(signs[Vital.ARM], age) is ArmClass.SEVERE:
        yield Remark("ARM", N_("arm %(value)s mm"), {"value": signs[Vital.ARM]})
    if is_pregnant and _reaches(signs, RAISED_PRESSURE):
        yield _pressure_remark(signs)


def _may_be_under(age: Age | None, months: int) -> bool:
    return age is not None and age.months_at_least < months


def _is_fast(signs: Mapping[Vital, int], age: Age | None) -> bool:
    return Vital.RESPIRATION in signs and verdict(Vital.RESPIRATION, signs[Vital.RESPIRATION], age) is Verdict.HIGH


def _reaches(signs: Mapping[Vital, int], limits: tuple[int, int]) -> bool:
    return signs.get(Vital.SYSTOLIC, 0) >= limits[0] or signs.get(Vital.DIASTOLIC, 0) >= limits[1]


def _score_remark(score: EarlyWarning) -> Remark:
    return Remark("NEWS2", N_("early-warning score %(value)s"), {"value": score.total})


def _temperature_remark(stored: int) -> Remark:
    return Remark("TEMPERATURE", N_("temperature %(value)s"), {"value": to_shown(Vital.TEMPERATURE, stored)})


def _pressure_remark(signs: Mapping[Vital, int]) -> Remark:
    values = {"upper": signs.get(Vital.SYSTOLIC, "-"), "lower": signs.get(Vital.DIASTOLIC, "-")}
    return Remark("PRESSURE", N_("pressure %(upper)s/%(lower)s in pregnancy"), values)
