"""Who has names that sound like the words sought, walked over the index of sounds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, func, literal, or_, select

from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.text import NameWord
from clinic.patients.models import NameCode, Patient
from clinic.patients.queries.candidates import MOST

# No more rows than this are counted of one word: enough to tell the rare from the common.
COUNTED = 5000
_SHORTEST_BEGINNING = 3
_LAST_CODE = "Z" * 24
_LAST_VOWELS = "AIY"


@dataclass(frozen=True)
class Word:
    """A word sought: its sounds, what the sounds of names that begin with it begin with, how many on file have it."""

    codes: frozenset[str]
    spread: int
    beginnings: tuple[str, ...] = ()


def words_by_rarity(scope: Scope, words: Sequence[NameWord]) -> list[Word]:
    """Return the words sought, the rarest on file first, in one statement."""
    if not words:
        return []
    spreads = db.session.execute(select(*(_spread(scope, word.codes) for word in words))).one()
    return sorted(
        (Word(word.codes, spread, _beginnings(word)) for word, spread in zip(words, spreads, strict=True)),
        key=lambda word: word.spread,
    )


def having(scope: Scope, words: Sequence[Word], *where: ColumnElement[bool], most: int = MOST) -> Select[int]:
    """Select the ids of those who have every word: the rarest, first, is walked, and the others are looked up."""
    walked = NameCode.__table__.alias()
    chosen = select(walked.c.patient_id).where(
        walked.c.organisation_id == scope.organisation_id, walked.c.code.in_(sorted(words[0].codes))
    )
    for word in words[1:]:
        table = NameCode.__table__.alias()
        chosen = chosen.where(
            exists().where(
                table.c.organisation_id == scope.organisation_id,
                table.c.code.in_(sorted(word.codes)),
                table.c.patient_id == walked.c.patient_id,
            )
        )
    return _latest(chosen, walked, where, most)


def having_beginnings(scope: Scope, words: Sequence[Word], *, most: int = MOST) -> Select[int]:
    """Select the ids of those of whose names one begins with each word."""
    walked = NameCode.__table__.alias()
    ours = walked.c.organisation_id == scope.organisation_id
    chosen = select(walked.c.patient_id).where(or_(*(and_(ours, sound) for sound in _beginning(walked, words[0]))))
    for word in words[1:]:
        # by the person alone: the few sounds of one person are read, never all sounds that begin alike
        table = NameCode.__table__.alias()
        chosen = chosen.where(exists().where(table.c.patient_id == walked.c.patient_id, or_(*_beginning(table, word))))
    return _latest(chosen, walked, (), most)


def _latest(chosen: Select[int], walked: FromClause, where: Collection[ColumnElement[bool]], most: int) -> Select[int]:
    if where:
        chosen = chosen.join(Patient, Patient.id == walked.c.patient_id).where(*where)
    return chosen.distinct().order_by(walked.c.patient_id.desc()).limit(most)


def _spread(scope: Scope, codes: Collection[str]) -> ColumnElement[int]:
    counted = (
        select(literal(1))
        .where(NameCode.organisation_id == scope.organisation_id, NameCode.code.in_(sorted(codes)))
        .limit(COUNTED)
    )
    return select(func.count()).select_from(counted.subquery()).scalar_subquery()


def _beginnings(word: NameWord) -> tuple[str, ...]:
    """Return what the sounds of names that begin with `word` begin with: a last vowel may be any."""
    if len(word.folded) < _SHORTEST_BEGINNING:
        return ()
    return tuple(sorted({code[:1] + code[1:].rstrip(_LAST_VOWELS) for code in word.codes}))


def _beginning(table: FromClause, word: Word) -> list[ColumnElement[bool]]:
    """Return one condition for each stretch of the index that is to be walked."""
    if not word.beginnings:
        return [table.c.code.in_(sorted(word.codes))]
    return [table.c.code.between(start, start + _LAST_CODE) for start in word.beginnings]
