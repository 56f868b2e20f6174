import pytest
from flask import Flask

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.sites.models import Site
from tests import factories
from tests.clinic.consultations.evening import Clinic, open_clinic
from tests.clinic.lab.bench import list_laboratory_tests


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """Tonight's doctors at work, with a list of tests and the noise of another site."""
    with app.app_context():
        opened = open_clinic()
        list_laboratory_tests()
        return opened


@pytest.fixture
def technician(app: Flask, clinic: Clinic) -> Scope:
    """Whoever holds the laboratory tonight."""
    with app.app_context():
        site = db.session.get_one(Site, clinic.doctor.site_id)
        return factories.scope_of(factories.create_user(site, Role.LABORATORY, language="en"))
