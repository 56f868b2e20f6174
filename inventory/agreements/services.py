"""Parties come to be known."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.kernel.db import db
from clinic.kernel.text import clean
from inventory.agreements.models import Party


def find_or_add_party(name: str) -> int:
    """Return the number of the party of that name, which is one from now on if it was none before."""
    named = select(Party.id).where(Party.name == clean(name))
    if (found := db.session.scalar(named)) is not None:
        return found
    try:
        with db.session.begin_nested():
            db.session.add(Party(name=clean(name)))
    except IntegrityError:  # another desk named the same donor at this moment
        db.session.expire_all()
    return db.session.scalars(named).one()
