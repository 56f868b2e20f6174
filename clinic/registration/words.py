"""What the registrar's desk says of the people found, in the language of the page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from clinic.kernel import clock, i18n
from clinic.kernel.i18n import _, ngettext
from clinic.kernel.text import name_words
from clinic.patients.queries import Hit, PatientCard
from clinic.patients.rules import BirthPrecision, Language, Particulars, Reason, Sex, masked, masked_phone, shown_phone
from clinic.patients.words import age_words, birth_words
from clinic.visits.queries import LastVisit

MOST_REASONS = 2
_PARTS = re.compile(r"([\s\-‐-―]+)")
# What a list says first where there is more to say than fits.
_MOST_TELLING = (
    Reason.SAME_NUMBER,
    Reason.RECORD_NUMBER,
    Reason.SAME_PHONE,
    Reason.PHONE_END,
    Reason.BOTH_SCRIPTS,
    Reason.SAME_NAME,
    Reason.SAME_SOUND,
    Reason.SIMILAR_NAME,
    Reason.PART_OF_NAME,
    Reason.FATHERS_NAME,
    Reason.MORE_NAMES,
)


@dataclass(frozen=True)
class Compared:
    """One line of two people side by side."""

    label: str
    typed: tuple[str, ...]
    on_file: tuple[str, ...]
    is_same: bool


class Named(Protocol):
    """Whatever has a name in each of the three languages."""

    @property
    def name_en(self) -> str:
        """The name in English."""

    @property
    def name_tr(self) -> str:
        """The name in Turkish."""

    @property
    def name_ar(self) -> str:
        """The name in Arabic."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One person in the list of results; a name is pieces of text, each with whether it was sought."""

    key: str
    name: list[tuple[str, bool]]
    other_name: list[tuple[str, bool]]
    father: str
    who: str
    born: str
    number: str
    phone: str
    last: str
    why: str
    is_look: bool


def named(row: Named) -> str:
    """Return the name of a specialty, room or site in the language of the page."""
    return str(getattr(row, f"name_{i18n.language()}"))


def rows(hits: Sequence[Hit], visits: Mapping[int, LastVisit], words: str) -> list[Row]:
    """Return the list of results as it is shown, each after the words that were sought."""
    return [_row(hit, hits[:place], visits.get(hit.card.id), words) for place, hit in enumerate(hits)]


def _row(hit: Hit, earlier: Sequence[Hit], last: LastVisit | None, words: str) -> Row:
    card, alert = hit.card, same_birth(hit, earlier)
    return Row(
        key=card.key,
        name=marked(card.name_ar, words),
        other_name=marked(card.name_latin, words),
        father=father(card),
        who=who(card),
        born=birth_words(card.birth),
        number=masked(hit.number) if hit.number else _("no document"),
        phone=masked_phone(card.phone) if card.phone else _("no phone"),
        last=last_visit(last),
        why=i18n.listed(part for part in (alert, why(hit)) if part),
        is_look=bool(alert),
    )


def marked(name: str, words: str) -> list[tuple[str, bool]]:
    """Return a name in pieces, each with whether one of the words sought is in it."""
    sought = name_words(words)
    codes = frozenset(code for word in sought for code in word.codes)
    starts = tuple(word.folded for word in sought if len(word.folded) > 1)

    def is_sought(part: str) -> bool:
        return any(word.codes & codes or (starts and word.folded.startswith(starts)) for word in name_words(part))

    return [(part, is_sought(part)) for part in _PARTS.split(name) if part]


def who(card: PatientCard) -> str:
    """Return sex and age: "male · 41 y"."""
    return f"{_(card.sex.label)} · {age_words(card.birth)}"


def father(card: PatientCard) -> str:
    """Return the father's name, in the script of the page where it is known in it."""
    known = (card.father_ar, card.father_latin) if i18n.language() == "ar" else (card.father_latin, card.father_ar)
    return known[0] or known[1]


def told(card: PatientCard, district: str) -> str:
    """Return what else tells people of one name apart: father, district, language."""
    parts = [
        _("father %(name)s", name=i18n.isolated(father(card))) if father(card) else "",
        i18n.isolated(district) if district else "",
        _("speaks %(language)s", language=language_words(card.language)),
    ]
    return " · ".join(part for part in parts if part)


def language_words(code: str) -> str:
    """Return the name of a language as people here speak of it."""
    return _(Language(code).label)


def last_visit(last: LastVisit | None) -> str:
    """Return where and when someone was last here, or that nobody saw the person yet."""
    if last is None:
        return _("never seen")
    if last.is_open:
        return _("here tonight, no. %(number)s", number=last.number)
    where = named(last)
    return i18n.listed(part for part in (where, when(last.day)) if part)


def when(day: date) -> str:
    """Return a day of this year by day and month, an older one by month and year."""
    if clock.today() - day < timedelta(days=365):
        return i18n.short_day(day)
    return i18n.day(day)[3:]


def why(hit: Hit) -> str:
    """Return why a person was found, in few words."""
    known = [reason for reason in _MOST_TELLING if reason in hit.reasons]
    words = [_(reason.label) for reason in known[:MOST_REASONS]]
    if hit.found_as:
        words.append(_("was %(record)s, one person now", record=i18n.isolated(hit.found_as)))
    return i18n.listed(words)


def same_birth(hit: Hit, earlier: Iterable[Hit]) -> str:
    """Return the warning that someone further up was born on the same day; nothing where none was."""
    birth = hit.card.birth
    if birth.precision is not BirthPrecision.DAY:
        return ""
    for place, other in enumerate(earlier, start=1):
        if other.card.birth.exact == birth.exact:
            return _("same birth date as no. %(place)s", place=place)
    return ""


def facts(told: Particulars) -> list[tuple[str, str]]:
    """Return all that a person told, each under its label, in the order of the form."""
    names = told.names
    return [
        (_("Name"), " · ".join(names.spellings)),
        (_("Father’s name"), " · ".join(names.fathers)),
        (_("Sex"), _(told.sex.label)),
        (_("Speaks"), language_words(told.language)),
        (_("Date of birth"), birth_words(told.birth)),
        (_("Phone"), shown_phone(told.phone) if told.phone else ""),
        (_("Nationality"), i18n.territory_name(told.nationality) if told.nationality else ""),
        (_("District"), told.district),
        (_("Labels in"), i18n.language_name(told.label_language)),
        (_("Legal status"), _(told.legal_status.label)),
        (_("Mother’s name"), told.mother),
    ]


def is_it(sex: Sex | None) -> str:
    """Return the question whether the person at the desk is on file."""
    return {Sex.MALE: _("Is it him already?"), Sex.FEMALE: _("Is it her already?")}.get(
        sex or Sex.UNKNOWN, _("Is it the same person?")
    )


def likeness(hit: Hit) -> str:
    """Return what speaks for one person and what speaks against, in one sentence."""
    return _("On file: %(reasons)s.", reasons=i18n.listed(_(reason.label) for reason in hit.reasons))


def compared(told: Particulars, typed_born: str, hit: Hit, last: LastVisit | None) -> list[Compared]:
    """Return, line by line, what was typed and what is on file; lines that say the same are marked."""
    card, names = hit.card, told.names
    lines = [
        Compared(
            _("Name"),
            names.spellings,
            tuple(name for name in (card.name_ar, card.name_latin) if name),
            bool({Reason.SAME_NAME, Reason.SAME_SOUND, Reason.BOTH_SCRIPTS} & set(hit.reasons)),
        ),
        Compared(
            _("Father"),
            names.fathers,
            tuple(name for name in (card.father_ar, card.father_latin) if name),
            Reason.SAME_FATHER in hit.reasons,
        ),
        Compared(
            _("Born"),
            (birth_words(told.birth) or typed_born,),
            (birth_words(card.birth),),
            bool({Reason.SAME_BIRTH_DATE, Reason.SAME_BIRTH_YEAR} & set(hit.reasons)),
        ),
        Compared(
            _("Phone"),
            (shown_phone(told.phone) if told.phone else "",),
            (shown_phone(card.phone) if card.phone else "",),
            Reason.SAME_PHONE in hit.reasons,
        ),
        Compared(_("Number"), (), (masked(hit.number) if hit.number else "",), Reason.SAME_NUMBER in hit.reasons),
        Compared(_("Last visit"), (), (last_visit(last),), is_same=False),
    ]
    return [line for line in lines if any(line.typed) or any(line.on_file)]


def open_points(problems: int, asks: int) -> str:
    """Return what is still to be done before a form can be saved."""
    parts = [
        ngettext("%(num)s to correct", "%(num)s to correct", problems) if problems else "",
        ngettext("%(num)s to look at", "%(num)s to look at", asks) if asks else "",
    ]
    return i18n.listed(part for part in parts if part)


def waits(minutes: int | None) -> str:
    """Return how long the first of a queue has been waiting; nothing where nobody waits."""
    return "" if minutes is None else _("waiting, longest %(minutes)s min", minutes=minutes)


def found(count: int, *, is_cut: bool) -> str:
    """Return how many people were found."""
    if is_cut:
        return _("The likeliest %(count)s. Another name or the phone makes it fewer.", count=count)
    return ngettext("%(num)s likely person", "%(num)s likely people", count)
