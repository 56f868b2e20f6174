"""What the banner and the vital signs say, in the language of the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from clinic.chart.queries import AllergyFacts, PregnancyFacts
from clinic.chart.rules import Known, gestation
from clinic.kernel import clock, i18n
from clinic.kernel.i18n import _, ngettext
from clinic.patients import words
from clinic.patients.queries import PatientCard
from clinic.patients.rules import Language
from clinic.visits.queries import Banner, Namesake, Reading
from clinic.visits.rules import MEASURES, Consciousness, DangerSign, Vital, to_shown


@dataclass(frozen=True)
class Slot:
    """One slot of the banner: a label, what is known, when and by whom; `state` is "stop", "look", "quiet" or ""."""

    label: str
    value: str
    note: str = ""
    state: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class BannerWords:
    """The whole banner as it is shown: both scripts of the name, tonight's number, a line, warnings, four slots.

    The record number stands last in the line, by itself: it never breaks.
    """

    name: str
    other_name: str
    number: int
    who: str
    record_number: str
    warnings: tuple[str, ...]
    slots: tuple[Slot, ...]


# ---- the banner ----------------------------------------------------------------------------------------------------


def banner_words(banner: Banner) -> BannerWords:
    """Return what the banner says; every slot has words, whatever is known."""
    name, other_name = names(banner.patient)
    return BannerWords(
        name=name,
        other_name=other_name,
        number=banner.number,
        who=who(banner),
        record_number=banner.patient.record_number,
        warnings=tuple(same_name(one) for one in banner.namesakes),
        slots=(
            allergy_slot(banner.allergies),
            pregnancy_slot(banner.pregnancy),
            weight_slot(banner),
            language_slot(banner.language),
        ),
    )


def names(card: PatientCard) -> tuple[str, str]:
    """Return the person's name in the script of the page, then in the other."""
    first, second = (card.name_ar, card.name_latin) if i18n.language() == "ar" else (card.name_latin, card.name_ar)
    return (first, second) if first else (second, "")


def who(banner: Banner) -> str:
    """Return the line below the name: sex, age, father."""
    card = banner.patient
    fathers = (card.father_ar, card.father_latin)
    father = next((name for name in (fathers if i18n.language() == "ar" else fathers[::-1]) if name), "")
    parts = [_(card.sex.label), words.age_words(card.birth)]
    if birth := words.birth_words(card.birth):
        parts[1] = _("%(age)s (born %(birth)s)", age=parts[1], birth=birth)
    if father:
        parts.append(_("father %(name)s", name=i18n.isolated(father)))
    return " · ".join(parts)


def same_name(one: Namesake) -> str:
    """Return the warning that somebody of the same family or name is here too."""
    first, second = (one.given_ar, one.given_latin) if i18n.language() == "ar" else (one.given_latin, one.given_ar)
    return _(
        "%(name)s (%(age)s), no. %(number)s, is here tonight too: ask the name.",
        name=i18n.isolated(first or second),
        age=words.age_words(one.birth),
        number=one.number,
    )


def allergy_slot(facts: AllergyFacts) -> Slot:
    """Return the slot of allergies: those on file, or that none is known, or that nobody asked."""
    label = _("Allergy")
    if facts.known is Known.PRESENT:
        said = " · ".join(f"{row.substance}: {row.reaction}" if row.reaction else row.substance for row in facts.rows)
        worst = facts.rows[0]
        told = [_(worst.severity.label), *([_(worst.told_by.label)] if worst.told_by else []), month(worst.recorded_at)]
        return Slot(label, said, listed(told), "stop")
    if facts.known is Known.ABSENT and facts.asked_at:
        return Slot(label, _("None known"), asked(facts.asked_at))
    return Slot(label, _("Not asked"), state="quiet")


def pregnancy_slot(facts: PregnancyFacts) -> Slot:
    """Return the slot of pregnancy: how far and when due, or not pregnant, or not asked, or not applicable."""
    label = _("Pregnancy")
    if facts.row is not None:
        row = facts.row
        how_far = gestation(lmp_on=row.lmp_on, due_on=row.due_on, on=clock.today())
        value = _("%(weeks)s weeks + %(days)s days", weeks=how_far.weeks, days=how_far.days)
        return Slot(
            label, value, _("due %(day)s, %(source)s", day=i18n.day(how_far.due_on), source=_(row.source.label)), "look"
        )
    if facts.known is Known.ABSENT:
        note = asked(facts.asked_at) if facts.asked_at else ended(facts.ended_on)
        return Slot(label, _("Not pregnant"), note)
    if facts.known is Known.NOT_ASKED:
        return Slot(label, _("Not asked"), state="quiet")
    return Slot(label, _("Not applicable"), state="quiet")


def weight_slot(banner: Banner) -> Slot:
    """Return the slot of the weight, with how old it is."""
    label = _("Weight")
    if banner.weight is None or banner.weight_days is None:
        return Slot(label, _("Not weighed"), state="quiet")
    value = measured(Vital.WEIGHT, banner.weight.value)
    if banner.weight_days == 0:
        return Slot(label, value, _("tonight %(time)s", time=i18n.clock_time(banner.weight.measured_at)))
    old = ngettext("%(num)s day old", "%(num)s days old", banner.weight_days)
    if banner.is_weight_old:
        return Slot(label, value, _("%(old)s: weigh again", old=old), "look")
    return Slot(label, value, old)


def language_slot(code: str) -> Slot:
    """Return the slot of the language that the person speaks."""
    return Slot(_("Speaks"), _(Language(code).label), symbol="chat-left-dots")


def listed(parts: Iterable[str]) -> str:
    """Return parts one after another, with the comma of the language."""
    return ("، " if i18n.language() == "ar" else ", ").join(parts)


def asked(at: datetime) -> str:
    """Return when a question was asked."""
    if clock.local(at).date() == clock.today():
        return _("asked tonight %(time)s", time=i18n.clock_time(at))
    return _("asked %(day)s", day=i18n.day(at))


def ended(on: date | None) -> str:
    """Return when a pregnancy ended."""
    return _("ended %(day)s", day=i18n.day(on)) if on else ""


def month(at: datetime) -> str:
    """Return the month of an instant in figures, as people date what they remember: 09.2026."""
    return i18n.day(at)[3:]


# ---- what was measured ---------------------------------------------------------------------------------------------


def measured(kind: str, value: int) -> str:
    """Return a stored value as it is read out: "14.2 kg", "alert", "yes"; the unit is never parted from the figure."""
    if kind not in Vital.__members__.values():
        return _("Present") if value else _("Absent")
    vital = Vital(kind)
    if vital is Vital.CONSCIOUSNESS:
        return _(list(Consciousness)[value].label)
    if vital in {Vital.OXYGEN_GIVEN, Vital.OEDEMA}:
        return _("Yes") if value else _("No")
    return i18n.isolated("\u00a0".join(part for part in (figure(vital, value), unit(kind)) if part))


def label(kind: str) -> str:
    """Return the name of a kind of reading."""
    return _((Vital(kind) if kind in Vital.__members__ else DangerSign(kind)).label)


def unit(kind: str) -> str:
    """Return the unit of a kind of reading; empty where it has none."""
    written = MEASURES[Vital(kind)].unit if kind in Vital.__members__ else ""
    return written if written in {"", "%"} else _(written)


def figure(vital: Vital, value: int) -> str:
    """Return a stored value as a number alone, as the nurse would type it."""
    return i18n.number(to_shown(vital, value), grouped=False)


def reading_note(reading: Reading) -> str:
    """Return when and by whom a value was taken."""
    return f"{i18n.clock_time(reading.measured_at)} · {i18n.isolated(reading.recorded_by)}"
