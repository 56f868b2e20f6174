"""Who was meant by what was typed into the one search box."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from clinic.kernel.access import Scope
from clinic.kernel.text import name_words
from clinic.patients.models import Patient
from clinic.patients.queries.candidates import (
    MOST,
    Candidate,
    Ids,
    Trace,
    candidates,
    either,
    holders,
    of_survivors,
    people,
)
from clinic.patients.queries.sounds import having, having_beginnings, words_by_rarity
from clinic.patients.rules import Match, Person, Reason, Sought, SoughtBy, closeness, rank, read_search, reversed_phone

PAGE = 25
# With fewer hits than this by every word, those by some of the words are shown as well.
FEW = 5
_MOST_OF_ONE_WORD = 200
_MOST_WIDER = 100

_SAME_NUMBER = Match(100, (Reason.SAME_NUMBER,))
_RECORD_NUMBER = Match(99, (Reason.RECORD_NUMBER,))
_SAME_PHONE = Match(95, (Reason.SAME_PHONE,))
_PHONE_END = Match(90, (Reason.PHONE_END,))

_Found = list[tuple[Candidate, Match]]


@dataclass(frozen=True)
class Findings:
    """Who was found, the likeliest first, and whether there are more than were asked for."""

    traces: tuple[Trace, ...]
    is_cut: bool = False


def search(scope: Scope, words: str, limit: int = PAGE) -> Findings:
    """Return who may be meant by a name in any spelling, a document's number, a phone's end, or a record number."""
    sought = read_search(words)
    found = _by_numbers(scope, [what for what in sought if what.by is not SoughtBy.NAME])
    for what in sought:
        if what.by is SoughtBy.NAME:
            found += _by_name(scope, what.value)
    traces = of_survivors(scope, found)
    return Findings(tuple(traces[:limit]), is_cut=len(traces) > limit)


def _by_numbers(scope: Scope, sought: Sequence[Sought]) -> _Found:
    """Return who bears one of the numbers, in one statement."""
    documents = {what.value for what in sought if what.by is SoughtBy.NUMBER}
    records = {int(what.value) for what in sought if what.by is SoughtBy.RECORD}
    phones = [reversed_phone(what.value) for what in sought if what.by is SoughtBy.PHONE]
    parts = [holders(scope, documents)] if documents else []
    parts += [people(scope).where(Patient.record_number.in_(records))] if records else []
    parts += [people(scope).where(_ends(end)).limit(MOST) for end in phones]
    if not parts:
        return []
    found = [
        (one, match)
        for one in candidates(scope, either(parts), documents)
        if (match := _number_match(one, records, phones)) is not None
    ]
    return sorted(found, key=lambda item: -item[1].score)


def _number_match(one: Candidate, records: Collection[int], phones: Iterable[str]) -> Match | None:
    if one.has_number:
        return _SAME_NUMBER
    if one.record_number in records:
        return _RECORD_NUMBER
    ends = [end for end in phones if one.phone_reversed.startswith(end)]
    if not ends:
        return None
    # a Turkish number is told without its country
    return _SAME_PHONE if len(one.phone_reversed) - len(ends[0]) <= len("90") else _PHONE_END


def _by_name(scope: Scope, name: str) -> _Found:
    """Return who has all the words, in any order, the father's name being one; then, where few do, who has some."""
    words = words_by_rarity(scope, name_words(name))
    if not words:
        return []
    is_one = len(words) == 1
    found = _ranked(scope, name, having(scope, words, most=_MOST_OF_ONE_WORD if is_one else MOST))
    if len(found) >= FEW:
        return found
    wider = [having_beginnings(scope, words, most=_MOST_OF_ONE_WORD)]
    wider += [having(scope, [word], most=_MOST_WIDER) for word in words if word.spread and not is_one][:1]
    known = {one.id for one, _ in found}
    return found + [item for item in _ranked(scope, name, either(wider)) if item[0].id not in known]


def _ranked(scope: Scope, name: str, chosen: Ids) -> _Found:
    """Return the likeliest first; of equally likely ones, whose name is spelt most like what was typed."""
    found = rank(Person(names=(name,)), ((one, one.person) for one in candidates(scope, chosen)))
    return sorted(found, key=lambda item: (-item[1].score, -closeness(name, item[0].person.names)))


def _ends(end: str) -> ColumnElement[bool]:
    return Patient.phone_reversed.between(end, end + "9" * 20)
