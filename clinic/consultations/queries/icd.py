"""Reads of the list of diagnosis codes: by words in three languages, by code, by what a specialty makes often."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from clinic.consultations.models import Consultation, Diagnosis, IcdCode, IcdWord, QuickPick
from clinic.consultations.rules import State
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_, fold
from clinic.patients.queries import chart_ids

HITS = 12
PICKS = 8
MOST_WORDS = 6
LONGEST_WORD = 60
SHORTEST_SEARCH = 2
GROUP = 3

_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"[a-z]\d[\w.\s]*")
_ARTICLE = re.compile(r"^(?:و?ال|لل)(?=...)")
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class IcdTitle:
    """A diagnosis code with its title in the reader's language, or in English where that is missing."""

    code: str
    title: str


def icd_words(text: str) -> frozenset[str]:
    """Return the folded words by which a title is found, an Arabic one also without its article."""
    found = frozenset(word[:LONGEST_WORD] for word in _WORD.findall(fold(text)))
    return found | {_ARTICLE.sub("", word) for word in found}


def plain_code(code: str) -> str:
    """Return a code as it is searched: J02.9 is j029."""
    return "".join(_WORD.findall(fold(code)))


def search_icd(words: str, language: str, specialty_code: str = "") -> list[IcdTitle]:
    """Return at most 12 codes that have all of `words`, in any language or as beginnings; or that begin as the code.

    What the specialty picks often comes first, then short titles. Fewer than two letters find nothing. One statement.
    """
    sought = _sought(words)
    if not sought:
        return []
    found = (
        select(IcdCode)
        .outerjoin(QuickPick, and_(QuickPick.code == IcdCode.code, QuickPick.specialty_code == specialty_code))
        .where(*(IcdCode.code.in_(_having(word)) for word in sought))
        .order_by(
            QuickPick.position.is_(None), QuickPick.position, func.length(_title(IcdCode, language)), IcdCode.code
        )
        .limit(HITS)
    )
    return _titles(db.session.scalars(found).all(), language)


def get_title(code: str, language: str = "en") -> str:
    """Return the title of a code. Raises NotFound."""
    titles = list_titles([code], language)
    if code not in titles:
        raise NotFound(N_("%(code)s is not on the list of diagnoses."), code=code)
    return titles[code]


def was_diagnosed(scope: Scope, patient_id: int, code: str, *, since: datetime) -> bool:
    """Whether a signed note since then holds a diagnosis of the same group of codes: J02.9 and J02.0 are J02."""
    group = code[:GROUP]
    found = exists().where(
        Diagnosis.patient_id.in_(chart_ids(scope, patient_id)),
        Diagnosis.code >= group,
        Diagnosis.code < group + _LAST,
        Diagnosis.consultation_id == Consultation.id,
        Consultation.state == State.SIGNED,
        Consultation.signed_at >= since,
    )
    return bool(db.session.scalar(select(found)))


def list_picks(
    specialty_code: str, language: str, *, chosen: Collection[str] = ()
) -> tuple[list[IcdTitle], dict[str, str]]:
    """Return the codes that a specialty has at hand, at most eight, and the titles of those chosen; one statement.

    What is chosen is not offered again; a chosen code that is not on the list has no title.
    """
    rows = db.session.execute(
        select(IcdCode, QuickPick.position)
        .outerjoin(QuickPick, and_(QuickPick.code == IcdCode.code, QuickPick.specialty_code == specialty_code))
        .where(or_(QuickPick.position.is_not(None), IcdCode.code.in_(chosen)))
        .order_by(QuickPick.position, IcdCode.code)
    ).all()
    titles = {one.code: one.title for one in _titles([code for code, _ in rows if code.code in chosen], language)}
    offered = [code for code, position in rows if position is not None and code.code not in chosen]
    return _titles(offered[:PICKS], language), titles


def list_titles(codes: Collection[str], language: str) -> dict[str, str]:
    """Return the titles of `codes` in `language`; a code that is not on the list is left out."""
    if not codes:
        return {}
    found = db.session.scalars(select(IcdCode).where(IcdCode.code.in_(codes))).all()
    return {one.code: one.title for one in _titles(found, language)}


def _sought(text: str) -> tuple[str, ...]:
    folded = fold(text)
    if _CODE.fullmatch(folded):
        return (plain_code(folded)[:LONGEST_WORD],)
    words = [word[:LONGEST_WORD] for word in _WORD.findall(folded)][:MOST_WORDS]
    return tuple(words) if sum(map(len, words)) >= SHORTEST_SEARCH else ()


def _having(beginning: str) -> Select[str]:
    forms = {beginning, _ARTICLE.sub("", beginning)}
    return select(IcdWord.code).where(or_(*(_begins(form) for form in sorted(forms))))


def _begins(beginning: str) -> ColumnElement[bool]:
    return and_(IcdWord.word >= beginning, IcdWord.word < beginning + _LAST)


def _titles(rows: Sequence[IcdCode], language: str) -> list[IcdTitle]:
    return [IcdTitle(row.code, getattr(row, f"title_{language}") or row.title_en) for row in rows]


def _title(row: type[IcdCode], language: str) -> ColumnElement[str]:
    column: ColumnElement[str] = getattr(row, f"title_{language}")
    return column
