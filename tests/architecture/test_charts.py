"""A merged person's record is read whole: no clinical table is asked for one bare patient key."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table

from clinic.kernel.db import Base

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = {"patient_identifier", "name_code"}  # they say who a person is, and belong to one record alone
SOURCES = sorted(path for path in (ROOT / "clinic").rglob("*.py") if "demo" not in path.parts)


def _clinical() -> set[str]:
    """Return the names of the classes whose rows carry a patient's key."""
    tables = {mapper.class_.__name__: mapper.local_table for mapper in Base.registry.mappers}
    return {
        name
        for name, table in tables.items()
        if isinstance(table, Table) and "patient_id" in table.c and table.name not in IDENTITY
    }


def bare_keys(source: str, clinical: set[str]) -> Iterator[str]:
    """Yield each comparison of a clinical table's patient key with a single value that is no other table's column."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=ast.Attribute(value=ast.Name(id=table), attr="patient_id"), ops=[ast.Eq()]):
                compared = node.comparators[0]
                is_join = (
                    isinstance(compared, ast.Attribute)
                    and isinstance(compared.value, ast.Name)
                    and (compared.value.id[:1].isupper())
                )
                if table in clinical and not is_join:
                    yield f"line {node.lineno}: {ast.unparse(node)}"
            case ast.Call(func=ast.Attribute(attr="filter_by"), keywords=keywords) if any(
                keyword.arg == "patient_id" for keyword in keywords
            ):
                yield f"line {node.lineno}: {ast.unparse(node)}"
            case _:
                pass


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_clinical_read_takes_the_whole_chart(path: Path) -> None:
    assert list(bare_keys(path.read_text(encoding="utf-8"), _clinical())) == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("select(Allergy).where(Allergy.patient_id == patient_id)", 1),
        ("select(Allergy).where(Allergy.patient_id == person.id)", 1),
        ("session.query(Allergy).filter_by(patient_id=3)", 1),
        ("select(Allergy).where(Allergy.patient_id.in_(chart_ids))", 0),
        ("select(Visit).join(Patient, Visit.patient_id == Patient.id)", 0),
        ("select(NameCode).where(NameCode.patient_id == patient.id)", 0),
    ],
)
def test_the_walk_finds_a_bare_key(source: str, faults: int) -> None:
    assert len(list(bare_keys(source, {"Allergy", "Visit"}))) == faults


def test_the_walk_knows_the_clinical_tables() -> None:
    assert {"Allergy", "Pregnancy", "Visit", "Observation", "Consultation", "Diagnosis"} <= _clinical()
