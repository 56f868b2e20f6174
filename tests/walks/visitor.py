"""Someone at a browser on a walk: what is sent, and what comes back."""

from collections.abc import Mapping

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, new_key
from tests.walks.addresses import Address
from tests.walks.world import Person


class Visitor:
    """A browser, at which a person sits or nobody."""

    def __init__(self, app: Flask, person: Person | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        with app.test_request_context():
            self.token = generate_csrf()
            seed = session["csrf_token"]
        with self.client.session_transaction() as cookie:
            cookie["csrf_token"] = seed
            if person is not None:
                cookie["_user_id"], cookie["_fresh"] = person.token, True

    def go(
        self,
        address: Address,
        path: str,
        *,
        told: Mapping[str, str | list[str]] | None = None,
        is_htmx: bool = False,
        is_believed: bool = True,
    ) -> TestResponse:
        """Ask for a path, or send a form there, with what every form carries unseen."""
        headers = {"HX-Request": "true"} if is_htmx else {}
        if address.method == "GET":
            return self.client.get(path, headers=headers)
        unseen = {"csrf_token": self.token, "op": new_key()} if is_believed else {}
        return self.client.post(path, data={**unseen, **(told or {})}, headers=headers)


def refusals(app: Flask) -> int:
    """Return how many refused requests are on record."""
    with app.app_context():
        return len(db.session.scalars(select(AuditEvent.id).where(AuditEvent.act == "REFUSED")).all())
