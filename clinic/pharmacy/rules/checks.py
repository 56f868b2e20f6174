"""What speaks against a medicine for this person, as far as the clinic's data can say. Pure.

Interactions between medicines are not checked: there are no data for it, and the screens say so. Figures come from the
formulary and say where nobody has confirmed them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from clinic.chart.rules import AllergyGroup, Known, is_kin, names_same
from clinic.kernel.text import N_, Worded
from clinic.pharmacy.rules.doses import Dose, Medicine, milligrams
from clinic.pharmacy.rules.kinds import Weight
from clinic.pharmacy.rules.pregnancy import caution_weight

# how far outside a range a dose may be without a word, and from where on it needs a reason
TOLERANCE = Decimal("1.1")
FAR = Decimal(2)
CHILD_UNTIL_MONTHS = 12 * 12
ATC_CLASS, ATC_SUBSTANCE = 5, 7
# Classes whose members double one another though their ATC codes part after the first letters.
ONE_CLASS = ("M01A", "J01C", "J01D", "C09")
STALE_STOPS_UNTIL_MONTHS = 5 * 12


class Check(Worded):
    """What was looked at."""

    ALLERGY = "ALLERGY", N_("allergy group")
    DOSE = "DOSE", N_("dose by weight")
    MAXIMUM = "MAXIMUM", N_("daily maximum")
    AGE = "AGE", N_("age")
    PREGNANCY = "PREGNANCY", N_("pregnancy")
    DUPLICATE = "DUPLICATE", N_("duplicates")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found about one medicine: a msgid with its values, and how much it weighs."""

    check: Check
    weight: Weight
    message: str
    values: dict[str, object] = field(default_factory=dict)
    is_unconfirmed: bool = False


@dataclass(frozen=True)
class KnownAllergy:
    """An allergy on file."""

    substance: str
    group: AllergyGroup | None


@dataclass(frozen=True, kw_only=True)
class Taker:
    """What is known of the person who is to take the medicine.

    `months_*` are the bounds of the age, `weeks` the full weeks of a pregnancy.
    """

    allergies: tuple[KnownAllergy, ...] = ()
    asked_allergies: bool = False
    pregnancy: Known = Known.NOT_APPLICABLE
    weeks: int | None = None
    months_at_least: int | None = None
    months_at_most: int | None = None
    weight_g: int | None = None
    is_weight_old: bool = False

    @property
    def may_be_child(self) -> bool:
        """Whether the person may be under 12: then doses go by weight."""
        return self.months_at_least is None or self.months_at_least < CHILD_UNTIL_MONTHS


@dataclass(frozen=True)
class Taking:
    """A medicine that the person has already, or that stands in the same basket."""

    inn: str
    atc: str


def check(medicine: Medicine, dose: Dose | None, taker: Taker, beside: Sequence[Taking] = ()) -> list[Finding]:
    """Return what speaks against a medicine, the gravest first; without a dose what needs none.

    `beside` are the other medicines of the basket and those that last from before.
    """
    found = [
        *_allergies(medicine, taker),
        *_pregnancy(medicine, taker),
        *_age(medicine, taker),
        *_duplicates(medicine, beside),
        *(_dose(medicine, dose, taker) if dose else ()),
    ]
    return sorted(found, key=lambda finding: list(Weight).index(finding.weight))


def stops(findings: Iterable[Finding]) -> bool:
    """Tell whether a finding yields only to a written reason."""
    return any(finding.weight is Weight.STOP for finding in findings)


def _allergies(medicine: Medicine, taker: Taker) -> Iterator[Finding]:
    unmatched = []
    for allergy in taker.allergies:
        values: dict[str, object] = {"substance": allergy.substance}
        is_same_group = allergy.group is not None and allergy.group is medicine.allergy_group
        if is_same_group or names_same(allergy.substance, medicine.inn):
            yield _finding(Check.ALLERGY, Weight.STOP, N_("Allergy on file: %(substance)s."), values)
        elif allergy.group is None:
            unmatched.append(allergy.substance)
        elif medicine.allergy_group is not None and is_kin(allergy.group, medicine.allergy_group):
            message = N_("Allergy on file: %(substance)s. These may harm together.")
            yield _finding(Check.ALLERGY, Weight.ASK, message, values)
    if unmatched:
        message = N_("Not matched with any group, look yourself: %(substances)s.")
        yield _finding(Check.ALLERGY, Weight.ASK, message, {"substances": ", ".join(unmatched)})
    if not taker.allergies and not taker.asked_allergies:
        yield _finding(Check.ALLERGY, Weight.NOTE, N_("Nobody has asked about allergies."))


def _pregnancy(medicine: Medicine, taker: Taker) -> Iterator[Finding]:
    caution = medicine.pregnancy_caution
    values: dict[str, object] = {"caution": caution}
    if taker.pregnancy is Known.PRESENT:
        weight = caution_weight(caution, taker.weeks)
        if weight is None:
            return
        if taker.weeks is None:
            message = N_("Pregnant. The formulary says: %(caution)s.")
        else:
            message = N_("Pregnant, week %(weeks)s. The formulary says: %(caution)s.")
            values["weeks"] = taker.weeks
        yield _finding(Check.PREGNANCY, weight, message, values, medicine)
    elif taker.pregnancy is Known.NOT_ASKED and caution_weight(caution, None) in {Weight.STOP, Weight.ASK}:
        message = N_("Nobody has asked about pregnancy. The formulary says: %(caution)s.")
        yield _finding(Check.PREGNANCY, Weight.ASK, message, values, medicine)


def _age(medicine: Medicine, taker: Taker) -> Iterator[Finding]:
    least = medicine.min_age_months
    if not least:
        return
    if taker.months_at_most is None:
        message = N_("The age is not known; the formulary gives this from %(months)s months on.")
        yield _finding(Check.AGE, Weight.ASK, message, {"months": least}, medicine)
    elif taker.months_at_least is not None and taker.months_at_least < least:
        message = N_("Not under %(months)s months, the formulary says.")
        yield _finding(Check.AGE, Weight.ASK, message, {"months": least}, medicine)


def _duplicates(medicine: Medicine, beside: Sequence[Taking]) -> Iterator[Finding]:
    same = [other for other in beside if _shares(medicine, other, ATC_SUBSTANCE) or other.inn == medicine.inn]
    alike = [other for other in beside if other not in same and _is_alike(medicine, other)]
    for others, weight, message in (
        (alike, Weight.ASK, N_("Same class as %(others)s.")),
        (same, Weight.NOTE, N_("Same substance as %(others)s.")),
    ):
        if others:
            names = dict.fromkeys(other.inn for other in others)
            yield _finding(Check.DUPLICATE, weight, message, {"others": ", ".join(names)})


def _shares(medicine: Medicine, other: Taking, letters: int) -> bool:
    start = medicine.atc[:letters]
    return len(start) == letters and other.atc[:letters] == start


def _is_alike(medicine: Medicine, other: Taking) -> bool:
    """Tell whether two medicines are of one class: by ATC level 4, or by the classes that count as one."""
    as_one = any(medicine.atc.startswith(start) and other.atc.startswith(start) for start in ONE_CLASS)
    return as_one or _shares(medicine, other, ATC_CLASS)


def _dose(medicine: Medicine, dose: Dose, taker: Taker) -> Iterator[Finding]:
    amounts = milligrams(dose, medicine, taker.weight_g)
    if amounts is None:
        return
    if medicine.max_mg_day is not None and amounts.per_day > medicine.max_mg_day:
        values: dict[str, object] = {"mg": amounts.per_day, "most": medicine.max_mg_day}
        message = N_("%(mg)s mg a day; the most is %(most)s mg.")
        # the formulary's maximum is a child's: a grown-up's dose beyond it is looked at, and not stopped
        weight = _by_far(amounts.per_day, medicine.max_mg_day) if taker.may_be_child else Weight.ASK
        yield _finding(Check.MAXIMUM, weight, message, values, medicine)
    if taker.may_be_child and medicine.mg_kg_day_max is not None:
        yield from _dose_by_weight(medicine, amounts.per_kg_day, taker)


def _dose_by_weight(medicine: Medicine, per_kg_day: Decimal | None, taker: Taker) -> Iterator[Finding]:
    if per_kg_day is None:
        yield _finding(Check.DOSE, Weight.ASK, N_("No weight on file: the dose by weight is not checked. Weigh first."))
        return
    if taker.is_weight_old:
        is_small = taker.months_at_least is None or taker.months_at_least < STALE_STOPS_UNTIL_MONTHS
        message = N_("The weight is old. Weigh again before you go by it.")
        yield _finding(Check.DOSE, Weight.STOP if is_small else Weight.ASK, message)
    least, most = medicine.mg_kg_day_min or Decimal(0), medicine.mg_kg_day_max or Decimal(0)
    values: dict[str, object] = {"mg": per_kg_day.quantize(Decimal("0.1")), "least": least, "most": most}
    if per_kg_day > most * TOLERANCE:
        message = N_("%(mg)s mg/kg a day; usual is %(least)s to %(most)s.")
        yield _finding(Check.DOSE, _by_far(per_kg_day, most), message, values, medicine)
    elif per_kg_day * TOLERANCE < least:
        message = N_("%(mg)s mg/kg a day is little; usual is %(least)s to %(most)s.")
        yield _finding(Check.DOSE, Weight.ASK, message, values, medicine)


def _by_far(value: Decimal, most: Decimal) -> Weight:
    return Weight.STOP if value >= most * FAR else Weight.ASK


def _finding(
    what: Check, weight: Weight, message: str, values: dict[str, object] | None = None, medicine: Medicine | None = None
) -> Finding:
    is_unconfirmed = medicine is not None and not medicine.is_confirmed
    return Finding(check=what, weight=weight, message=message, values=values or {}, is_unconfirmed=is_unconfirmed)
