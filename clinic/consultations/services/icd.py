"""Taking in a list of diagnosis codes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from sqlalchemy import delete, insert, select

from clinic.consultations.models import IcdCode, IcdWord, QuickPick
from clinic.consultations.queries.icd import icd_words, plain_code
from clinic.consultations.schemas import IcdRowSchema
from clinic.kernel import audit
from clinic.kernel.db import db
from clinic.kernel.rows import Mistake, Row, read_rows, refuse
from clinic.specialties.models import Specialty

_Values: TypeAlias = Mapping[str, Any]

_FIELDS = ("title_en", "title_tr", "title_ar", "report_group", "translation_status")


@dataclass(frozen=True)
class IcdImport:
    """What an import did, or in a dry run would do."""

    new: int
    changed: int
    unchanged: int
    quick_picks: int


def import_icd(file: BinaryIO, *, dry_run: bool = False) -> IcdImport:
    """Add and change codes as a CSV file says, and set every quick pick anew in the file's order; all or nothing.

    Codes that the file lacks stay: signed notes hold them. Runs inside `transaction()`, a dry run also without.
    Raises UnreadableFile with the row and column of everything wrong.
    """
    rows = read_rows(file, IcdRowSchema())
    refuse([*_used_twice(rows), *_unknown_specialties(rows)])
    old = {code.code: code for code in db.session.scalars(select(IcdCode))}
    new = [row.values for row in rows if row.values["code"] not in old]
    changed = [row.values for row in rows if row.values["code"] in old and _differs(old[row.values["code"]], row)]
    picks = [
        {"specialty_code": specialty, "code": row.values["code"], "position": position}
        for position, row in enumerate(rows, 1)
        if row.values["quick_pick"]
        for specialty in _specialties(row)
    ]
    if not dry_run:
        _write(old, new, changed, picks)
    return IcdImport(len(new), len(changed), len(rows) - len(new) - len(changed), len(picks))


def _write(
    old: dict[str, IcdCode], new: Sequence[_Values], changed: Sequence[_Values], picks: Sequence[dict[str, object]]
) -> None:
    for values in changed:
        for field in _FIELDS:
            setattr(old[values["code"]], field, values[field])
    db.session.add_all(IcdCode(code=values["code"], **{field: values[field] for field in _FIELDS}) for values in new)
    db.session.flush()
    codes = [values["code"] for values in changed]
    if codes:
        db.session.execute(delete(IcdWord).where(IcdWord.code.in_(codes)))
    words = [word for values in (*new, *changed) for word in _words(values)]
    if words:
        db.session.execute(insert(IcdWord), words)
    db.session.execute(delete(QuickPick))
    if picks:
        db.session.execute(insert(QuickPick), picks)
    audit.record("IMPORT", "icd_code", "list", {"new": len(new), "changed": len(changed), "quick_picks": len(picks)})


def _words(values: _Values) -> Iterator[dict[str, str]]:
    found = icd_words(" ".join((values["title_en"], values["title_tr"], values["title_ar"])))
    for word in sorted(found | {plain_code(values["code"])}):
        yield {"word": word, "code": values["code"]}


def _specialties(row: Row) -> list[str]:
    return list(dict.fromkeys(code for part in row.values["specialty"].split(";") if (code := part.strip())))


def _differs(code: IcdCode, row: Row) -> bool:
    return any(getattr(code, field) != row.values[field] for field in _FIELDS)


def _used_twice(rows: list[Row]) -> Iterator[Mistake]:
    counts = Counter(row.values["code"] for row in rows)
    for row in rows:
        if counts[row.values["code"]] > 1:
            yield Mistake(row.number, "code", f"{row.values['code']} stands in more than one row")


def _unknown_specialties(rows: list[Row]) -> Iterator[Mistake]:
    known = set(db.session.scalars(select(Specialty.code)))
    for row in rows:
        unknown = [code for code in _specialties(row) if code not in known]
        if row.values["quick_pick"] and unknown:
            yield Mistake(row.number, "specialty", f"no such specialty here: {', '.join(unknown)}")
