"""Whether two people may be one: points for what they share, with the reasons in words. A person decides."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import TypeVar

from rapidfuzz.distance import JaroWinkler

from clinic.kernel.text import N_, NameWord, Worded, name_tokens, name_words
from clinic.patients.rules.birth import UNKNOWN_BIRTH, BirthDate
from clinic.patients.rules.kinds import Sex

# Points. A name alone, however exact, stays below ASK_FROM: in this clinic thousands share one.
NAME = 60
FATHER = 15
BIRTH_DATE = 15
SWAPPED_BIRTH = 12
BIRTH_YEAR = 10
NEAR_BIRTH = 5
PHONE = 15
OTHER_FATHER = -15
OTHER_BIRTH = -15
OTHER_SEX = -30
EXTRA_NAME = -2
MOST_EXTRA_NAMES = 3
CERTAIN = 100
# "Is it him already?" is asked from here on; lists show from LIST_FROM on.
ASK_FROM = 65
LIST_FROM = 25
SOUND = 0.95
BEGINNING = 0.8
SIMILAR = 0.7
FATHER_FOR_NAME = 0.6
SIMILAR_FROM = 0.9
SHORTEST_BEGINNING = 3


class Reason(Worded):
    """What speaks for or against, as a list shows it."""

    SAME_NUMBER = "SAME_NUMBER", N_("same number")
    RECORD_NUMBER = "RECORD_NUMBER", N_("record number")
    PHONE_END = "PHONE_END", N_("end of the phone number")
    BOTH_SCRIPTS = "BOTH_SCRIPTS", N_("name in both scripts")
    SAME_NAME = "SAME_NAME", N_("same name")
    SAME_SOUND = "SAME_SOUND", N_("name sounds the same")
    SIMILAR_NAME = "SIMILAR_NAME", N_("similar name")
    PART_OF_NAME = "PART_OF_NAME", N_("part of the name")
    MORE_NAMES = "MORE_NAMES", N_("has one more name")
    FATHERS_NAME = "FATHERS_NAME", N_("father's name")
    SAME_FATHER = "SAME_FATHER", N_("same father")
    OTHER_FATHER = "OTHER_FATHER", N_("another father")
    SAME_BIRTH_DATE = "SAME_BIRTH_DATE", N_("same birth date")
    SWAPPED_BIRTH_DATE = "SWAPPED_BIRTH_DATE", N_("same birth date, day and month swapped")
    SAME_BIRTH_YEAR = "SAME_BIRTH_YEAR", N_("same birth year")
    NEAR_BIRTH_YEAR = "NEAR_BIRTH_YEAR", N_("birth year close by")
    OTHER_BIRTH_YEAR = "OTHER_BIRTH_YEAR", N_("another birth year")
    SAME_PHONE = "SAME_PHONE", N_("same phone")
    OTHER_SEX = "OTHER_SEX", N_("another sex")


@dataclass(frozen=True, kw_only=True)
class Person:
    """What is compared: each whole spelling of the name and of the father's, in any script, and the rest if known."""

    names: tuple[str, ...]
    fathers: tuple[str, ...] = ()
    sex: Sex = Sex.UNKNOWN
    birth: BirthDate = UNKNOWN_BIRTH
    phone: str = ""
    numbers: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Match:
    """How alike two people are, 0 to 100, and why."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def asks(self) -> bool:
        """Tell whether the desk must be asked before a second record is made."""
        return self.score >= ASK_FROM


Key = TypeVar("Key")


def rank(
    wanted: Person, candidates: Iterable[tuple[Key, Person]], *, least: int = LIST_FROM
) -> list[tuple[Key, Match]]:
    """Return the candidates that score `least` or more, the likeliest first; equal ones keep their order."""
    matches = [(key, score(candidate, wanted)) for key, candidate in candidates]
    return sorted((found for found in matches if found[1].score >= least), key=lambda found: -found[1].score)


def score(candidate: Person, wanted: Person) -> Match:
    """Return how likely `candidate`, on file, is the person `wanted`, as typed or told; one same number is certain."""
    findings = [
        *_names(candidate, wanted),
        *_fathers(candidate, wanted),
        *_births(candidate.birth, wanted.birth),
        *_others(candidate, wanted),
    ]
    points = round(sum(points for points, _ in findings))
    reasons = tuple(reason for _, reason in findings if reason is not None)
    if candidate.numbers & wanted.numbers:
        return Match(CERTAIN, (Reason.SAME_NUMBER, *reasons))
    return Match(min(max(points, 0), CERTAIN), reasons)


def closeness(typed: str, spellings: Iterable[str]) -> float:
    """Return how close the nearest of the spellings is to what was typed, letter by letter and in any order, 0 to 1."""
    wanted = " ".join(sorted(name_tokens(typed)))
    return max((JaroWinkler.similarity(wanted, " ".join(sorted(name_tokens(name)))) for name in spellings), default=0)


_Finding = tuple[float, Reason | None]


@dataclass(frozen=True)
class _NameLikeness:
    """How one spelling of a name answers what was typed.

    `words` has the likeness of each typed word, 0 where none answers, but for those `by_father`; `extra` words of the
    name were not typed.
    """

    words: tuple[float, ...] = ()
    by_father: int = 0
    extra: int = 0

    @property
    def share(self) -> float:
        typed = len(self.words) + self.by_father
        return (sum(self.words) + self.by_father * FATHER_FOR_NAME) / typed if typed else 0

    @property
    def worst(self) -> float:
        return min(self.words, default=0)

    @property
    def order(self) -> tuple[float, int]:
        return self.share, -self.extra


def _names(candidate: Person, wanted: Person) -> Iterable[_Finding]:
    """Yield the points of the best pair of spellings, and why."""
    fathers = [word for father in candidate.fathers for word in name_words(father)]
    found = [
        max(
            (_name_likeness(name_words(name), name_words(typed), fathers) for typed in wanted.names),
            key=attrgetter("order"),
        )
        for name in (candidate.names if wanted.names else ())
    ]
    best = max(found, key=attrgetter("order"), default=_NameLikeness())
    if not best.share:
        return
    yield NAME * best.share + EXTRA_NAME * min(best.extra, MOST_EXTRA_NAMES), _name_reason(found, best)
    if best.by_father:
        yield 0, Reason.FATHERS_NAME
    if best.extra:
        yield 0, Reason.MORE_NAMES


def _name_reason(found: list[_NameLikeness], best: _NameLikeness) -> Reason | None:
    """Return the strongest true thing that can be said of the names, beside the father's."""
    if not best.words:
        return None
    if not best.worst:
        return Reason.PART_OF_NAME
    if best.worst < SOUND:
        return Reason.SIMILAR_NAME
    if sum(likeness.worst >= SOUND for likeness in found) > 1:
        return Reason.BOTH_SCRIPTS
    return Reason.SAME_NAME if best.worst == 1 else Reason.SAME_SOUND


def _name_likeness(name: tuple[NameWord, ...], typed: tuple[NameWord, ...], fathers: list[NameWord]) -> _NameLikeness:
    """Pair each typed word with the likest word of the name that is still free, or else with the father's."""
    free = list(name)
    words: list[float] = []
    by_father = 0
    for word in typed:
        likeness, likest = max(
            ((_likeness(other, word), other) for other in free), key=itemgetter(0), default=(0, word)
        )
        if likeness:
            free.remove(likest)
        elif any(_likeness(father, word) >= SOUND for father in fathers):
            by_father += 1
            continue
        words.append(likeness)
    return _NameLikeness(tuple(words), by_father, len(free))


def _likeness(other: NameWord, word: NameWord) -> float:
    """Return how alike two words of names are: 1 the same, less for a same sound, a beginning, a similar spelling."""
    if other.folded == word.folded:
        return 1
    if other.codes & word.codes:
        return SOUND
    if len(word.folded) >= SHORTEST_BEGINNING and other.folded.startswith(word.folded):
        return BEGINNING
    return SIMILAR if JaroWinkler.similarity(other.folded, word.folded) >= SIMILAR_FROM else 0


def _fathers(candidate: Person, wanted: Person) -> Iterable[_Finding]:
    """Yield points where both fathers are known and are plainly the same, or plainly not."""
    pairs = [
        _likeness(other, word)
        for other in (word for father in candidate.fathers for word in name_words(father))
        for word in (word for father in wanted.fathers for word in name_words(father))
    ]
    if pairs and max(pairs) >= SOUND:
        yield FATHER, Reason.SAME_FATHER
    elif pairs and max(pairs) == 0:
        yield OTHER_FATHER, Reason.OTHER_FATHER


def _births(one: BirthDate, other: BirthDate) -> Iterable[_Finding]:
    """Yield points for births that agree as far as both are known, or cannot both be true."""
    if one.span is None or other.span is None:
        return
    if one.exact and other.exact and one.exact == other.exact:
        yield BIRTH_DATE, Reason.SAME_BIRTH_DATE
    elif one.year == other.year and one.exact and other.exact:
        swapped = (one.day, one.month) == (other.month, other.day)
        yield (SWAPPED_BIRTH, Reason.SWAPPED_BIRTH_DATE) if swapped else (NEAR_BIRTH, Reason.SAME_BIRTH_YEAR)
    elif one.year == other.year:
        yield BIRTH_YEAR, Reason.SAME_BIRTH_YEAR
    elif one.span[0].year - 1 <= other.span[1].year and other.span[0].year - 1 <= one.span[1].year:
        yield NEAR_BIRTH, Reason.NEAR_BIRTH_YEAR
    else:
        yield OTHER_BIRTH, Reason.OTHER_BIRTH_YEAR


def _others(candidate: Person, wanted: Person) -> Iterable[_Finding]:
    """Yield points for the phone and the sex, where both are known."""
    if wanted.phone and candidate.phone == wanted.phone:
        yield PHONE, Reason.SAME_PHONE
    if Sex.UNKNOWN not in {candidate.sex, wanted.sex} and candidate.sex is not wanted.sex:
        yield OTHER_SEX, Reason.OTHER_SEX
