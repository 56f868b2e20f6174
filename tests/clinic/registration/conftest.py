"""A registrar at a clinic with five specialties, and the noise of another organisation."""

from dataclasses import dataclass

import pytest
from flask import Flask

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.patients.models import Patient
from clinic.patients.rules import Sex
from clinic.sites.models import ServicePoint, Site
from tests.desk import DeskClient
from tests.factories import create_clinic, create_user, point_of, register_patient, scope_of, sign_in


@dataclass
class Desk:
    """The registrar's desk: the client signed in there, and what its person sees."""

    app: Flask
    client: DeskClient
    scope: Scope
    site_id: int
    elsewhere: Scope

    def register(self, given: str, family: str = "", **told: object) -> str:
        """Put a person on file here and return the key."""
        with self.app.app_context():
            return self.key(register_patient(self.scope, given, family, **told))  # type: ignore[arg-type]

    def register_elsewhere(self, given: str, family: str = "", **told: object) -> str:
        """Put a person on file at another organisation and return the key."""
        with self.app.app_context():
            return self.key(register_patient(self.elsewhere, given, family, **told))  # type: ignore[arg-type]

    @staticmethod
    def key(patient_id: int) -> str:
        """Return the key of a person."""
        return db.session.get_one(Patient, patient_id).key

    def point(self, code: str) -> str:
        """Return the key of a service point."""
        with self.app.app_context():
            return db.session.get_one(ServicePoint, point_of(self.site_id, code)).key

    def sign_in(self, *roles: Role, language: str = "en") -> Scope:
        """Seat someone else at the browser."""
        with self.app.app_context():
            person = scope_of(create_user(db.session.get_one(Site, self.site_id), *roles))
        sign_in(self.client, person, language=language)
        return person


@pytest.fixture
def desk(app: Flask, client: DeskClient) -> Desk:
    """A registrar signed in at a clinic."""
    with app.app_context():
        site, other = create_clinic(), create_clinic()
        scope = scope_of(create_user(site, Role.REGISTRAR))
        elsewhere = scope_of(create_user(other, Role.REGISTRAR))
        site_id = site.id
        register_patient(scope, "Omar", "Haddad", sex=Sex.MALE)
    sign_in(client, scope)
    return Desk(app, client, scope, site_id, elsewhere)
