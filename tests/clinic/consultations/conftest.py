import pytest
from flask import Flask

from tests.clinic.consultations.evening import Clinic, open_clinic


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """Tonight's doctors at work."""
    with app.app_context():
        return open_clinic()
