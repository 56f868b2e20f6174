"""The list of tests."""

from collections.abc import Sequence

from sqlalchemy import select

from clinic.kernel.db import db
from clinic.lab.models import LabTest


def list_tests() -> Sequence[LabTest]:
    """Return every test that may be ordered, in the order of the list."""
    return db.session.scalars(select(LabTest).order_by(LabTest.position, LabTest.code)).all()
