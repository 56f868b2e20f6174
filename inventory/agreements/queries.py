"""Reads of parties."""

from collections.abc import Sequence

from sqlalchemy import select

from clinic.kernel.db import db
from inventory.agreements.models import Party


def list_parties() -> Sequence[str]:
    """Return the names of all parties in their order. One statement."""
    return db.session.scalars(select(Party.name).order_by(Party.name)).all()
