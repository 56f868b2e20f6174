"""What two desks must stop on: allergies by substance and group, pregnancy as a dated fact."""

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
