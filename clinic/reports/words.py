"""A month as tables in the language of the page: the same ones on screen, on paper and in the spreadsheet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clinic.kernel.i18n import _, isolated, number
from clinic.kernel.text import N_
from clinic.nursing.rules import ContactKind
from clinic.patients.rules import Sex
from clinic.reports.rules import FEMALE, MALE, UNKNOWN, Band, Beside, Case, Group, Tally

_DEFINITIONS = (
    (
        N_("Consultation"),
        N_("One signed note by one clinician in one specialty for one patient on one visit."),
    ),
    (N_("Month"), N_("A consultation belongs to the day on which the visit began.")),
    (N_("Age"), N_("Whole years on that day, as far as the birth date is known.")),
    (
        N_("New case, follow-up"),
        N_("By the first diagnosis of the note; a note without a diagnosis is not stated."),
    ),
    (N_("Persons"), N_("Each person once, merged records once; never the sum of specialties or months.")),
    (
        N_("Syrian"),
        N_("By nationality; where none is told, whoever is under temporary protection."),
    ),
    (
        N_("Persons served"),
        N_("Each person with a consultation or a nursing contact in the month, once."),
    ),
    (
        N_("For the first time"),
        N_("The person's first consultation or nursing contact ever at this site, under any merged record."),
    ),
    (N_("Clinician-day"), N_("A day on which a clinician signed at least one consultation.")),
    (N_("Outside hours"), N_("The visit began outside the opening hours as they stand today.")),
    (
        N_("Left without being seen"),
        N_("Places in a doctor's queue that the person left before a note was begun, of all such places."),
    ),
)


def definitions() -> list[tuple[str, str]]:
    """Return each word that a report uses, and what it counts."""
    return [(_(word), _(what)) for word, what in _DEFINITIONS]


@dataclass(frozen=True)
class Cell:
    """A figure; `wanted` are the words of FACETS by which its rows are opened, None where it has no rows."""

    value: int | float
    wanted: Mapping[str, str] | None = None
    places: int = 0


@dataclass(frozen=True, kw_only=True)
class Table:
    """Figures under heads; `groups` are (words, columns) above them, and the last row is the sum."""

    title: str
    groups: Sequence[tuple[str, int]]
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]] = field(default_factory=list)


def tables(tally: Tally, specialties: Mapping[str, str]) -> list[Table]:
    """Return the tables of a month; `specialties` are the names by code, in their order."""
    rows: list[tuple[str, dict[str, str]]] = [(name, {"specialty": code}) for code, name in specialties.items()]
    rows.append((_("All"), {}))
    bands = [isolated(_(band.label)) for band in Band]
    ages = Table(
        title=_("Consultations by sex and age"),
        groups=[(_("Female"), len(Band)), (_("Male"), len(Band)), ("", 3)],
        heads=[*bands, *bands, _("sex not known"), _("All"), _("persons")],
        rows=[(name, list(_ages(tally, wanted))) for name, wanted in rows],
    )
    kinds = Table(
        title=_("New and follow-up, whom they served, and the load"),
        groups=[(_("By first diagnosis"), len(Case)), (_("By nationality"), len(Group)), (_("Load"), 4)],
        heads=[
            *[_(case.label) for case in Case],
            *[_(group.label) for group in Group],
            _("outside hours"),
            _("per cent outside"),
            _("clinician-days"),
            _("a clinician-day"),
        ],
        rows=[(name, list(_kinds(tally, wanted))) for name, wanted in rows],
    )
    return [ages, kinds]


def _ages(tally: Tally, wanted: Mapping[str, str]) -> Iterator[Cell]:
    for sex in (FEMALE, MALE):
        for band in Band:
            yield _cell(tally, {**wanted, "sex": sex, "band": band})
    yield _cell(tally, {**wanted, "sex": UNKNOWN})
    yield _cell(tally, wanted)
    yield Cell(tally.persons(**wanted))


def _kinds(tally: Tally, wanted: Mapping[str, str]) -> Iterator[Cell]:
    for case in Case:
        yield _cell(tally, {**wanted, "case": case})
    for group in Group:
        yield _cell(tally, {**wanted, "group": group})
    outside = _cell(tally, {**wanted, "hours": "outside"})
    total, days = tally.count(**wanted), tally.clinician_days(**wanted)
    yield outside
    yield Cell(100 * outside.value / total if total else 0, places=1)
    yield Cell(days)
    yield Cell(total / days if days else 0, places=1)


def _cell(tally: Tally, wanted: Mapping[str, str]) -> Cell:
    return Cell(tally.count(**wanted), wanted)


def beside(figures: Beside) -> list[tuple[str, str]]:
    """Return what stands beside, in words and figures."""
    share = f" ({number(100 * figures.left_unseen / figures.stays, 1)} %)" if figures.stays else ""
    return [
        (_("Visits"), number(figures.visits)),
        (_("Persons served"), number(figures.persons)),
        (_("Persons served here for the first time"), number(figures.new_persons)),
        (_("Left without being seen"), number(figures.left_unseen) + share),
        (_("Nursing contacts"), _nursing(figures.nursing)),
        (_("Notes still open"), number(figures.still_open)),
        (_("Notes ended because the patient left"), number(figures.abandoned)),
    ]


def _nursing(contacts: Mapping[str, int]) -> str:
    kinds = [f"{_(kind.label)} {number(contacts[kind.value])}" for kind in ContactKind if kind.value in contacts]
    return f"{number(sum(contacts.values()))} ({', '.join(kinds)})" if kinds else number(0)


def facet_words(facet: str, value: str, specialties: Mapping[str, str]) -> str:
    """Return one word of FACETS and its value as people say it; the value itself where nobody knows it."""
    if facet == "specialty":
        return specialties.get(value, value)
    if facet == "hours":
        return _("in opening hours") if value == "in" else _("outside hours")
    kinds = {"sex": Sex, "band": Band, "case": Case, "group": Group}
    known = {str(one): one.label for one in kinds[facet]}
    return _(known[value]) if value in known else value
