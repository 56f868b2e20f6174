"""Reads of parties and agreements."""

from collections.abc import Sequence

from sqlalchemy import select

from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from inventory.agreements.models import Agreement, Party


def list_parties() -> Sequence[str]:
    """Return the names of all parties in their order. One statement."""
    return db.session.scalars(select(Party.name).order_by(Party.name)).all()


def get_agreement(code: str) -> Agreement:
    """Return the agreement of that code. Raises NotFound."""
    found = find_agreement(code)
    if found is None:
        raise NotFound(N_("There is no agreement %(code)s."), code=code)
    return found


def find_agreement(code: str) -> Agreement | None:
    """Return the agreement of that code, None where none is on file."""
    return db.session.scalar(select(Agreement).where(Agreement.code == code))


def list_agreements() -> Sequence[Agreement]:
    """Return every agreement by its code."""
    return db.session.scalars(select(Agreement).order_by(Agreement.code)).all()
