"""A laboratory with a list of tests, for the tests of this folder and the walks."""

from io import BytesIO
from pathlib import Path

from sqlalchemy import func, select

from clinic.kernel.db import db, transaction
from clinic.lab.models import LabTest
from clinic.lab.services import import_tests

LIST = Path(__file__).parents[3] / "clinic" / "demo" / "tests.csv"


def list_laboratory_tests() -> None:
    """Take the demo's list in, once."""
    if not db.session.scalar(select(func.count()).select_from(LabTest)):
        with transaction():
            import_tests(BytesIO(LIST.read_bytes()))
