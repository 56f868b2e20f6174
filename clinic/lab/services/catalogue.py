"""The laboratory's list of tests, taken in from a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, groupby
from typing import Any, BinaryIO

from sqlalchemy import delete, select

from clinic.kernel import audit
from clinic.kernel.db import db
from clinic.kernel.rows import AMBIGUOUS_PLACES, Mistake, Row, read_rows, refuse
from clinic.lab.models import LabRange, LabRequest, LabResult, LabTest
from clinic.lab.rules import KINDS, SpecimenKind, decimals_of
from clinic.lab.schemas import CatalogueRowSchema

_SPECIMENS = {kind.label: kind for kind in SpecimenKind}
_OF_THE_TEST = ("name_en", "name_tr", "name_ar", "loinc", "unit_ucum", "specimen", "kind", "tat_target_min", "status")
_NO_UNIT = "1"
_LIMITS = ("ref_low", "ref_high", "crit_low", "crit_high")


@dataclass(frozen=True)
class CatalogueImport:
    """What an import did, or in a dry run would do."""

    tests: int
    ranges: int
    new: int


def import_tests(file: BinaryIO, *, dry_run: bool = False) -> CatalogueImport:
    """Add and change tests as a CSV file says, and set their ranges anew; all or nothing.

    Tests that the file lacks stay, and results keep the limits that held for them. Runs inside `transaction()`, a dry
    run also without. Raises UnreadableFile with the row and column of everything wrong.
    """
    rows = read_rows(file, CatalogueRowSchema())
    refuse([*_parted(rows), *_at_odds(rows), *_crossed(rows), *_doubtful(rows), *_overlapping(rows)])
    known = {test.code: test for test in db.session.scalars(select(LabTest))}
    refuse(_turned(rows, known))
    codes = {row.values["code"] for row in rows}
    if not dry_run:
        for position, (code, of_test) in enumerate(_by_test(rows), 1):
            _save(known.get(code) or LabTest(code=code), position, of_test)
        audit.record("IMPORT", "lab_test", "list", {"tests": len(codes), "ranges": len(rows)})
    return CatalogueImport(len(codes), len(rows), len(codes - known.keys()))


def _save(test: LabTest, position: int, rows: list[Row]) -> None:
    told = rows[0].values
    test.name_en, test.name_tr, test.name_ar = told["name_en"], told["name_tr"], told["name_ar"]
    test.loinc, test.unit, test.specimen = told["loinc"], told["unit_ucum"], _SPECIMENS[told["specimen"]]
    test.kind, test.minutes, test.position = KINDS[told["kind"]], told["tat_target_min"], position
    test.places, test.status = decimals_of(_limits(rows)), told["status"]
    db.session.add(test)
    db.session.flush()
    db.session.execute(delete(LabRange).where(LabRange.test_id == test.id))
    db.session.add_all(
        LabRange(
            test_id=test.id,
            sex="" if row.values["sex"] == "any" else row.values["sex"],
            from_days=row.values["age_min_days"],
            until_days=row.values["age_max_days_excl"],
            low=row.values["ref_low"],
            high=row.values["ref_high"],
            critical_low=row.values["crit_low"],
            critical_high=row.values["crit_high"],
            text=row.values["ref_text"],
            note=row.values["note"],
        )
        for row in rows
    )
    db.session.flush()


def _limits(rows: list[Row]) -> list[Decimal]:
    return [row.values[name] for row in rows for name in _LIMITS if row.values[name] is not None]


def _by_test(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for code, of_test in groupby(rows, key=lambda row: str(row.values["code"])):
        yield code, list(of_test)


def _parted(rows: list[Row]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for code, of_test in _by_test(rows):
        if code in seen:
            yield Mistake(of_test[0].number, "code", f"the rows of {code} must stand together")
        seen.add(code)


def _at_odds(rows: list[Row]) -> Iterator[Mistake]:
    for code, (first, *others) in _by_test(rows):
        for row in others:
            for column in _OF_THE_TEST:
                if row.values[column] != first.values[column]:
                    yield Mistake(row.number, column, f"differs from row {first.number} of the same test {code}")


def _overlapping(rows: list[Row]) -> Iterator[Mistake]:
    """Name ranges of one test and sex that hold at one age: which of them held would be chance."""
    for _, of_test in _by_test(rows):
        for one, other in combinations(of_test, 2):
            earlier, later = sorted((one, other), key=lambda row: row.values["age_min_days"])
            until = earlier.values["age_max_days_excl"]
            is_met = until is None or later.values["age_min_days"] < until
            if one.values["sex"] == other.values["sex"] and is_met:
                yield Mistake(other.number, "age_min_days", f"holds at an age at which row {one.number} holds too")


def _turned(rows: list[Row], known: Mapping[str, LabTest]) -> Iterator[Mistake]:
    """Name tests that would be answered in another way than the results that stand."""
    turned = [
        (of_test[0].number, known[code])
        for code, of_test in _by_test(rows)
        if code in known and known[code].kind is not KINDS[of_test[0].values["kind"]]
    ]
    answered = select(LabRequest.test_id).join(LabResult, LabResult.request_id == LabRequest.id)
    ids = set(db.session.scalars(answered.where(LabRequest.test_id.in_(test.id for _, test in turned))))
    for number, test in turned:
        if test.id in ids:
            yield Mistake(number, "kind", f"results of {test.code} stand that are of another kind; use a new code")


def _crossed(rows: list[Row]) -> Iterator[Mistake]:
    def crosses(low: Any, high: Any) -> bool:  # noqa: ANN401 - numbers or None
        return low is not None and high is not None and low >= high

    for row in rows:
        told = row.values
        for low, high in (("ref_low", "ref_high"), ("crit_low", "crit_high"), ("age_min_days", "age_max_days_excl")):
            if crosses(told[low], told[high]):
                yield Mistake(row.number, high, f"must be above {low}, which is {told[low]}")


def _doubtful(rows: list[Row]) -> Iterator[Mistake]:
    """Name limits such as 1.250, which may be a thousand: only what has no unit is weighed so finely."""
    for row in rows:
        for name in _LIMITS:
            limit = row.values[name]
            is_fine = limit is not None and limit >= 1 and limit.as_tuple().exponent == -AMBIGUOUS_PLACES
            if is_fine and row.values["unit_ucum"] != _NO_UNIT:
                yield Mistake(row.number, name, f"{limit} can be read in two ways; write it without a thousands sign")
