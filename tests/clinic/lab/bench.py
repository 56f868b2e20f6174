"""A laboratory with a list of tests, and the way through it, for the tests of this folder and the walks."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from clinic.consultations import services as consultations
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.lab import services as lab
from clinic.lab.models import LabTest
from clinic.lab.queries import OrderRow, get_order
from clinic.lab.rules import Told
from clinic.patients.rules import Sex
from tests.clinic.consultations.evening import Clinic, Seen, content

LIST = Path(__file__).parents[3] / "clinic" / "demo" / "tests.csv"
GROWN_WOMAN: dict[str, Any] = {"sex": Sex.FEMALE, "birth_year": 1990, "birth_month": 3, "birth_day": 1}


def list_laboratory_tests() -> None:
    """Take the demo's list in, once."""
    if not db.session.scalar(select(func.count()).select_from(LabTest)):
        with transaction():
            lab.import_tests(BytesIO(LIST.read_bytes()))


def send(
    clinic: Clinic, *codes: str, by: Scope | None = None, person: dict[str, Any] = GROWN_WOMAN
) -> tuple[Seen, str]:
    """Let a doctor write about somebody and send tests to the laboratory."""
    doctor = by or clinic.doctor
    seen = clinic.called(by=doctor, **person)
    with transaction(), acting_as(doctor.user_id):
        consultations.keep_draft(doctor, seen.visit_key, content("J00"), seen=0)
        return seen, consultations.order_tests(doctor, seen.visit_key, codes)


def examined(technician: Scope, order: str, **found: Told) -> OrderRow:
    """Take, receive and answer, and return the order as it then stands."""
    with transaction():
        lab.collect(technician, order)
    with transaction():
        lab.receive(technician, order)
    return entered(technician, order, **found)


def entered(technician: Scope, order: str, **found: Told) -> OrderRow:
    """Write results down, by the codes of their tests."""
    keys = {one.code: one.key for one in get_order(technician, order).requests}
    with transaction():
        lab.enter(technician, order, {keys[code]: told for code, told in found.items()})
    return get_order(technician, order)


def verified(technician: Scope, order: str) -> OrderRow:
    """Verify what is written down."""
    with transaction():
        lab.verify(technician, order)
    return get_order(technician, order)


def number(value: str) -> Told:
    """Return a result that is a number."""
    return Told(number=Decimal(value))
