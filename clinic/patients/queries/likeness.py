"""Who on file may be the person at the desk: asked before a record is made, so that nobody gets a second one."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, exists, or_, true

from clinic.kernel.access import Scope
from clinic.kernel.text import name_words
from clinic.patients.models import NameCode, Patient
from clinic.patients.queries.candidates import MOST, Trace, candidates, either, holders, of_survivors, people
from clinic.patients.queries.sounds import COUNTED, Word, having, words_by_rarity
from clinic.patients.rules import BirthDate, Person, rank

ASKED_AT_ONCE = 3
# How far from the told birth a look-alike's may lie, in years: what an estimate on file may be off, and one.
_BIRTH_WINDOW = 3
_LEAVE_ONE_OUT_FROM = 3
_NEW_YEAR = (1, 1)


def look_alikes(scope: Scope, wanted: Person, limit: int = ASKED_AT_ONCE) -> tuple[Trace, ...]:
    """Return those on file who may be `wanted`, the likeliest first: about each of them the desk must ask."""
    parts = _ways(scope, wanted)
    if not parts:
        return ()
    found = [
        (one, replace(one.person, numbers=wanted.numbers if one.has_number else frozenset()))
        for one in candidates(scope, either(parts), wanted.numbers)
    ]
    asking = [(one, match) for one, match in rank(wanted, found) if match.asks]
    return tuple(of_survivors(scope, asking)[:limit])


def _ways(scope: Scope, wanted: Person) -> list[Select[int]]:
    """Return every way by which someone alike enough to be asked about can be found."""
    ways = [holders(scope, wanted.numbers)] if wanted.numbers else []
    ways += [people(scope).where(Patient.phone == wanted.phone).limit(MOST)] if wanted.phone else []
    words = words_by_rarity(scope, [word for name in wanted.names[:1] for word in name_words(name)])
    if not words:
        return ways
    window = _birth_window(wanted.birth)
    ways.append(having(scope, words, window))
    if len(words) >= _LEAVE_ONE_OUT_FROM:
        ways += [having(scope, [word for word in words if word is not left_out], window) for left_out in words]
    fathers = frozenset(code for father in wanted.fathers for word in name_words(father) for code in word.codes)
    if fathers:
        ways.append(having(scope, [*words, Word(fathers, COUNTED)]))
    if wanted.birth.exact and (wanted.birth.month, wanted.birth.day) != _NEW_YEAR:
        ways.append(_born_that_day(scope, wanted.birth, words))
    return ways


def _born_that_day(scope: Scope, birth: BirthDate, words: Sequence[Word]) -> Select[int]:
    """Select those born on the very day who share a word of the name, whatever was mistyped in the others."""
    sounds = exists().where(
        NameCode.organisation_id == scope.organisation_id,
        NameCode.code.in_(sorted(frozenset(code for word in words for code in word.codes))),
        NameCode.patient_id == Patient.id,
    )
    born = (Patient.birth_year == birth.year, Patient.birth_month == birth.month, Patient.birth_day == birth.day)
    return people(scope).where(*born, sounds).limit(MOST)


def _birth_window(birth: BirthDate) -> ColumnElement[bool]:
    if birth.span is None:
        return true()
    earliest, latest = (day.year for day in birth.span)
    return or_(
        Patient.birth_year.is_(None),
        Patient.birth_year.between(earliest - _BIRTH_WINDOW, latest + _BIRTH_WINDOW),
    )
