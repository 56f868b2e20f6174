from dataclasses import dataclass

import pytest
from flask import Flask

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.sites.models import Site
from clinic.sites.rules import PointKind
from tests.factories import create_clinic, create_patient, create_point, create_user, point_of, scope_of


@dataclass(frozen=True)
class Evening:
    """One site with its people at work and two who are ill; beside it a site of others, with its own."""

    points: dict[str, int]
    registrar: Scope
    nurse: Scope
    doctor: Scope
    colleague: Scope
    khaled: int
    amal: int
    elsewhere: dict[str, int]
    stranger: Scope
    stranger_patient: int


def points_of(site: Site) -> dict[str, int]:
    points = {code: point_of(site.id, code) for code in ("TRIAGE", "GP", "PED", "GYN", "PHARMACY")}
    return points | {"ROOM": create_point(site, PointKind.ROOM).id}


@pytest.fixture
def tonight(app: Flask) -> Evening:
    with app.app_context():
        site, other = create_clinic(), create_clinic()
        registrar = scope_of(create_user(site, Role.REGISTRAR, name_latin="Meryem Kaya"))
        stranger = scope_of(create_user(other, Role.NURSE, Role.REGISTRAR, name_latin="Elif Noise"))
        return Evening(
            points=points_of(site),
            registrar=registrar,
            nurse=scope_of(create_user(site, Role.NURSE, name_latin="Derya Yalın")),
            doctor=scope_of(create_user(site, Role.DOCTOR, name_latin="Rana Khatib")),
            colleague=scope_of(create_user(site, Role.DOCTOR, name_latin="Serkan Aydın")),
            khaled=create_patient(registrar, given_latin="Khaled", given_ar="خالد").id,
            amal=create_patient(registrar, given_latin="Amal", given_ar="أمل").id,
            elsewhere=points_of(other),
            stranger=stranger,
            stranger_patient=create_patient(stranger).id,
        )
