"""Load the demo into an empty database, once."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from clinic.auth import services as auth
from clinic.auth.models import User
from clinic.consultations.services.icd import import_icd
from clinic.demo import evening, handovers, history, pictures, places, staff
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.lab.services import import_tests
from clinic.pharmacy.services.formulary import import_formulary
from clinic.sites.models import Installation
from clinic.sites.queries import find_installation
from inventory.agreements.services import Terms, open_agreement
from inventory.assets.queries import Asked, list_tags
from inventory.assets.services import import_equipment
from inventory.stock.queries.ledger import last_movement_id, ledger_differences
from inventory.stock.services.ledger import record_check
from inventory.stock.services.stocklist import import_stock

DAY = date(2026, 11, 24)  # a Tuesday; every demo date is relative to it
NOW = clock.at(DAY, 18, 40)
OPENING = clock.at(DAY, 17)
DELIVERY = clock.at(DAY - timedelta(days=36), 16)  # before the first evening that hands anything out
FILES = Path(__file__).parent


class NotADemo(DomainError):
    """The database holds a real clinic: a demo never goes beside it."""

    code = "not_a_demo"


def load(say: Callable[[str], None], *, with_history: bool = False) -> bool:
    """Load the demo's places, people and goods, telling `say` each step; return False where a demo stands already.

    `with_history` lets three months of evenings have taken place before.
    """
    installation = find_installation()
    if installation is not None:
        if not installation.is_demo:
            raise NotADemo(N_("This database holds a real clinic. A demo has a database of its own."))
        return False
    password = secrets.token_urlsafe()
    with clock.frozen(OPENING), transaction():
        say("  places and people")
        db.session.add(Installation(id=1, is_demo=True, demo_day=DAY))
        sites = places.create_places()
        users = staff.create_staff(sites, password=password)
        clinic = sites[places.CLINIC]
        scope = Scope(clinic.organisation_id, clinic.id, users["samer"])
        with audit.acting_as(scope.user_id):
            say("  diagnoses, tests, medicines and stock")
            with (FILES / "icd.csv").open("rb") as file:
                import_icd(file)
            with (FILES / "tests.csv").open("rb") as file:
                import_tests(file)
            with (FILES / "formulary.csv").open("rb") as file:
                import_formulary(file)
        with audit.acting_as(users["levent"]):
            say("  equipment")
            _take_equipment(Scope(clinic.organisation_id, clinic.id, users["levent"]))
    with (
        clock.frozen(DELIVERY),
        transaction(),
        audit.acting_as(scope.user_id),
        (FILES / "stock.csv").open("rb") as file,
    ):
        import_stock(scope, file)
    if with_history:
        history.fill(scope, users, tonight=DAY, say=say)
    say("  handovers of equipment")
    handovers.hand_over(
        scope, users, secret=password, check_address=current_app.config["CLINIC"].public_url, tonight=DAY
    )
    evening.hold(scope, users, tonight=DAY, until=NOW, say=say)
    with clock.frozen(NOW), transaction():
        record_check(differences=len(ledger_differences()), last_movement_id=last_movement_id())
    return True


def _take_equipment(scope: Scope) -> None:
    """Put the invented list on the register: its rates are no real ones, and it comes to EUR 220,000.00."""
    agreement = open_agreement(
        code="DEMO-ICSP",
        title="DEMO: medical equipment for a clinic, with a second life at the Ministry of Health",
        donor="DEMO European Union",
        rate_policy="DEMO rate, not InforEuro",
        estimate_cents=220_000_00,
        budget_cents=220_000_00,
        threshold_cents=5_000_00,
        terms=Terms(
            instrument="DEMO instrument",
            legal_basis="DEMO: article on the transfer of equipment to local authorities",
            authorisation="DEMO letter D-114",
            giver="DEMO international organisation",
            starts_on=date(2026, 1, 1),
            extended_until=date(2027, 3, 31),
        ),
    )
    with (FILES / "equipment.csv").open("rb") as file:
        import_equipment(scope, file, agreement_code=agreement.code)
    pictures.put_on_file(scope, list_tags(scope, Asked()), agreement, tonight=DAY)


def open_accounts(password: str) -> None:
    """Let one password open every account of a demo, and of nothing else."""
    installation = find_installation()
    if installation is None or not installation.is_demo:
        raise NotADemo(N_("This database holds a real clinic. A demo has a database of its own."))
    hashed = auth.hash_password(password)
    with transaction():
        for user in db.session.scalars(select(User)):
            user.password_hash, user.must_change_password = hashed, False


def start_clock(app: Flask) -> None:
    """Let a demo's evening go on from 18:40, or from where it was last left; a real clinic keeps the machine's time."""
    with app.app_context(), suppress(DBAPIError):  # a database that is not made yet has no demo
        installation = find_installation()
        if installation is not None and installation.is_demo:
            last = db.session.scalar(select(func.max(AuditEvent.at)))
            clock.start_at(max(NOW, last or NOW))
