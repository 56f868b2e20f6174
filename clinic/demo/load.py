"""Load the demo into an empty database, once."""

import secrets
from datetime import date

from sqlalchemy import func, select

from clinic.auth import services as auth
from clinic.auth.models import User
from clinic.demo import places, staff
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.sites.models import Installation
from clinic.sites.queries import find_installation

DAY = date(2026, 11, 24)  # a Tuesday; every demo date is relative to it
NOW = clock.at(DAY, 18, 40)
OPENING = clock.at(DAY, 17)


class NotADemo(DomainError):
    """The database holds a real clinic: a demo never goes beside it."""

    code = "not_a_demo"


def load() -> bool:
    """Load the demo's places, people and goods; return False where a demo stands already."""
    installation = find_installation()
    if installation is not None:
        if not installation.is_demo:
            raise NotADemo(N_("This database holds a real clinic. A demo has a database of its own."))
        return False
    with clock.frozen(OPENING), transaction():
        db.session.add(Installation(id=1, is_demo=True, demo_day=DAY))
        staff.create_staff(places.create_places(), password=secrets.token_urlsafe())
    return True


def open_accounts(password: str) -> None:
    """Let one password open every account of a demo, and of nothing else."""
    installation = find_installation()
    if installation is None or not installation.is_demo:
        raise NotADemo(N_("This database holds a real clinic. A demo has a database of its own."))
    hashed = auth.hash_password(password)
    with transaction():
        for user in db.session.scalars(select(User)):
            user.password_hash, user.must_change_password = hashed, False


def start_clock() -> None:
    """Let a demo's evening go on from 18:40, or from where it was last left."""
    installation = find_installation()
    if installation is not None and installation.is_demo:
        last = db.session.scalar(select(func.max(AuditEvent.at)))
        clock.start_at(max(NOW, last or NOW))
