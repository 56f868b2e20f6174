"""What two desks must stop on: allergies by substance and group, pregnancy as a dated fact."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded
from clinic.patients.rules import Age, Sex


class AllergyGroup(Worded):
    """Substances that harm together; the medicine groups are those of the formulary."""

    PENICILLIN = "PENICILLIN", N_("penicillins")
    CEPHALOSPORIN = "CEPHALOSPORIN", N_("cephalosporins")
    MACROLIDE = "MACROLIDE", N_("macrolides")
    SULFONAMIDE = "SULFONAMIDE", N_("sulfonamide antibiotics")
    SULFONAMIDE_NON_ANTIBIOTIC = "SULFONAMIDE_NON_ANTIBIOTIC", N_("sulfonamides that are no antibiotics")
    FLUOROQUINOLONE = "FLUOROQUINOLONE", N_("fluoroquinolones")
    TETRACYCLINE = "TETRACYCLINE", N_("tetracyclines")
    AMINOGLYCOSIDE = "AMINOGLYCOSIDE", N_("aminoglycosides")
    NITROIMIDAZOLE = "NITROIMIDAZOLE", N_("nitroimidazoles")
    AZOLE = "AZOLE", N_("azole antifungals")
    NSAID = "NSAID", N_("anti-inflammatory painkillers (NSAID)")
    ACE_INHIBITOR = "ACE_INHIBITOR", N_("ACE inhibitors")
    ARB = "ARB", N_("angiotensin receptor blockers")
    STATIN = "STATIN", N_("statins")
    SULFONYLUREA = "SULFONYLUREA", N_("sulfonylureas")
    IODINE = "IODINE", N_("iodine")
    LATEX = "LATEX", N_("latex")
    EGG = "EGG", N_("egg")
    NUT = "NUT", N_("nuts")


class Severity(Worded):
    """The worst that the substance did to this person."""

    MILD = "MILD", N_("mild")
    MODERATE = "MODERATE", N_("moderate")
    SEVERE = "SEVERE", N_("severe")
    LIFE_THREATENING = "LIFE_THREATENING", N_("life-threatening (anaphylaxis)")
    UNKNOWN = "UNKNOWN", N_("severity not known")


class ToldBy(Worded):
    """Who said so."""

    SELF = "SELF", N_("the person")
    MOTHER = "MOTHER", N_("the mother")
    FATHER = "FATHER", N_("the father")
    RELATIVE = "RELATIVE", N_("a relative")
    PAPER = "PAPER", N_("a paper")


class Certainty(Worded):
    """How sure it is that the substance did it."""

    CONFIRMED = "CONFIRMED", N_("seen or proved")
    TOLD = "TOLD", N_("told by the person or the family")
    DOUBTFUL = "DOUBTFUL", N_("doubtful")


class PregnancySource(Worded):
    """What the due date rests on."""

    LMP = "LMP", N_("by last period")
    SCAN = "SCAN", N_("by scan")
    EXAMINATION = "EXAMINATION", N_("by examination")


class Known(Worded):
    """What is known of a question that is put to every person; silence is never a no."""

    PRESENT = "PRESENT", N_("on file")
    ABSENT = "ABSENT", N_("asked, none")
    NOT_ASKED = "NOT_ASKED", N_("not asked")
    NOT_APPLICABLE = "NOT_APPLICABLE", N_("not applicable")


MAY_BE_PREGNANT_FROM, MAY_BE_PREGNANT_UNTIL = 10 * 12, 56 * 12


def asks_pregnancy(sex: Sex, age: Age | None) -> bool:
    """Tell whether the question is put: to women who may be 10 to 55 years old; of others it is not applicable."""
    if sex is Sex.MALE:
        return False
    return age is None or (age.months_at_most >= MAY_BE_PREGNANT_FROM and age.months_at_least < MAY_BE_PREGNANT_UNTIL)


class Contradiction(DomainError):
    """An answer says the opposite of what is on file."""

    code = "contradiction"


class AlreadyOnFile(DomainError):
    """The same fact stands on file already."""

    code = "already_on_file"


class NoReason(DomainError):
    """A fact is ended, or its date changed, without a word of why."""

    code = "no_reason"
    status = 422


def ensure_reason(reason: str, field: str) -> None:
    """Refuse to go on without a reason. Raises NoReason."""
    if not reason:
        raise NoReason(N_("Say why in a few words."), field=field)


# ---- pregnancy -----------------------------------------------------------------------------------------------------

FULL_TERM = timedelta(days=280)
# Beyond this the pregnancy is over, or the date is wrong: it is asked.
LONGEST = timedelta(days=301)


class NotThisPerson(DomainError):
    """A pregnancy is noted of somebody who cannot be pregnant."""

    code = "not_this_person"
    status = 422


class ImpossibleDate(DomainError):
    """A date that no pregnancy of today can have."""

    code = "impossible_date"
    status = 422


class PostTerm(DomainError):
    """By its dates the pregnancy should be over: it has ended, or a date is wrong."""

    code = "post_term"
    status = 422


@dataclass(frozen=True)
class Gestation:
    """How far a pregnancy is on a day, and when it is due."""

    weeks: int
    days: int
    due_on: date


def gestation(*, lmp_on: date | None, due_on: date | None, on: date) -> Gestation:
    """Return how far a pregnancy is by its due date, or else by its last period and 280 days (Naegele)."""
    due = due_on or (lmp_on + FULL_TERM if lmp_on else None)
    if due is None:
        raise ValueError("a pregnancy has a last period or a due date")
    weeks, days = divmod((on - (due - FULL_TERM)).days, 7)
    return Gestation(weeks, days, due)


def ensure_may_be_pregnant(sex: Sex, age: Age | None) -> None:
    """Refuse a pregnancy of a man, and of a girl or woman outside 10 to 55 years. Raises NotThisPerson."""
    if sex is Sex.MALE:
        raise NotThisPerson(N_("On file this person is male. If that is wrong, have the sex corrected first."))
    if not asks_pregnancy(sex, age):
        raise NotThisPerson(
            N_("By the birth date this person is not 10 to 55 years old. If that is wrong, have it corrected first.")
        )


def ensure_dates(*, lmp_on: date | None, due_on: date | None, today: date, is_sure: bool = False) -> None:
    """Refuse dates that no pregnancy of today can have; ask about one that should be over, unless `is_sure`.

    Raises ImpossibleDate, PostTerm.
    """
    if lmp_on is None and due_on is None:
        raise ImpossibleDate(N_("Write the last period or the due date."), field="lmp_on")
    if lmp_on is not None and lmp_on > today:
        raise ImpossibleDate(N_("That day is still to come. Look at the date again."), field="lmp_on")
    if due_on is not None and due_on - FULL_TERM > today:
        raise ImpossibleDate(N_("A child due then is not begun yet. Look at the date again."), field="due_on")
    began = (due_on - FULL_TERM) if due_on is not None else lmp_on
    if began is not None and today - began > LONGEST and not is_sure:
        raise PostTerm(
            N_("That is more than 43 weeks ago. Is the pregnancy over, or is the date another?"),
            field="due_on" if due_on is not None else "lmp_on",
        )
