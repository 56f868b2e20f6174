"""A real clinic, from `clinic init` to the first box handed out, through its own pages alone."""

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import clinic.demo
from clinic.auth.models import User
from clinic.kernel.db import db, transaction
from clinic.pharmacy.models import Dispense, Prescription
from clinic.sites.models import ServicePoint
from clinic.visits.models import QueuePlace, Visit
from inventory.stock.models import Item
from tests.desk import DeskClient, HiddenFields
from tests.factories import scope_of, sign_in

FILES = Path(clinic.demo.__file__).parent
STAFF = {"deniz": "REGISTRAR", "derya": "NURSE", "rana": "DOCTOR", "samer": "PHARMACIST"}
SPECIALTIES = ("GP", "PED", "GYN", "INT", "SUR")  # those that the list of diagnoses names
ROOM = {"kind": "SPECIALTY", "name_tr": "", "name_ar": "", "room": "1"}
SHEET = {
    "temperature": "36.8",
    "respiration": "16",
    "pulse": "76",
    "oxygen": "98",
    "systolic": "124",
    "diastolic": "78",
    "weight": "74",
    "oxygen_given": "no",
    "consciousness": "ALERT",
    "allergy": "ABSENT",
    "priority": "ROUTINE",
}


def _run(app: Flask, *words: str) -> None:
    result = app.test_cli_runner().invoke(args=["clinic", *words])
    assert result.exit_code == 0, result.output


def _seat(client: FlaskClient, username: str) -> None:
    """Seat someone who has chosen a password of their own."""
    with client.application.app_context():
        with transaction() as session:
            session.scalars(select(User).where(User.username == username)).one().must_change_password = False
        person = scope_of(db.session.scalars(select(User).where(User.username == username)).one())
    sign_in(client, person)


def _send(client: DeskClient, page: str, told: dict[str, str | list[str]], to: str, *, form: str = "") -> None:
    """Send the form of a page to an address, by default the form's own."""
    opened = HiddenFields(client.get(page).get_data(as_text=True)).forms[form or to]
    answer = client.post(to, data={**opened, **told})
    assert answer.status_code in {200, 302, 303}, re.sub(r"<[^>]+>|\s+", " ", answer.get_data(as_text=True))[:800]


def _key(app: Flask, statement: object) -> str:
    with app.app_context():
        return str(db.session.scalars(statement).one())  # type: ignore[call-overload]  # a select of one key


def test_a_clinic_made_by_init_hands_out_its_first_box(app: Flask, client: DeskClient) -> None:
    _run(app, "init", "--organisation", "Org", "--site", "New", "--code", "new", "--phone", "1", "--username", "boss")
    _seat(client, "boss")
    for code in SPECIALTIES:
        _send(client, "/rooms/new", {**ROOM, "code": code, "name_en": f"Room {code}"}, "/rooms/new")
    for username, role in STAFF.items():
        told: dict[str, str | list[str]] = {"username": username, "name_latin": username.title()}
        _send(client, "/accounts/new", {**told, "language": "en", "roles": [role]}, "/accounts/new")
    doctor = _key(app, select(User.key).where(User.username == "rana"))
    _send(client, f"/specialties/{doctor}", {"practised": ["GP"], "usual": "GP"}, f"/specialties/{doctor}")
    _run(app, "import", "formulary", str(FILES / "formulary.csv"))
    _run(app, "import", "icd", str(FILES / "icd.csv"))
    _run(app, "import", "stock", str(FILES / "stock.csv"), "--site", "NEW", "--username", "samer")

    _seat(client, "deniz")
    gp = _key(app, select(ServicePoint.key).where(ServicePoint.code == "GP"))
    person = {"given": "Amal", "family": "Haddad", "sex": "FEMALE", "speaks": "ar", "born": "3.4.1990"}
    _send(client, "/registration/new", {**person, "point": gp, "why": "NEW_PROBLEM"}, "/registration/new")
    visit = _key(app, select(Visit.key))
    place = _key(app, select(QueuePlace.key).join(ServicePoint).where(ServicePoint.code == "TRIAGE"))

    _seat(client, "derya")
    _send(client, f"/triage/{place}", {**SHEET, "pregnancy": "ABSENT"}, f"/triage/{place}")

    _seat(client, "rana")
    _send(client, "/desk", {"at": gp}, "/desk/call")
    item = _key(app, select(Item.id).where(Item.code == "PARA500"))
    line = {"item": item, "unit": "TABLET", "inn": "", "amount": "1", "times": "MORNING", "days": "3", "food": "ANY"}
    note = {"complaint": "Headache", "chosen": "J06.9", "case-J06.9": "NEW", "line": "a"}
    told_of = {f"a-{name}": value for name, value in line.items()}
    _send(client, f"/desk/{visit}", {**note, **told_of}, f"/desk/{visit}/sign", form=f"/desk/{visit}/draft")

    _seat(client, "samer")
    prescription = _key(app, select(Prescription.key))
    _send(client, f"/pharmacy/{prescription}", {}, f"/pharmacy/{prescription}")
    with app.app_context():
        assert len(db.session.scalars(select(Dispense)).all()) == 1
    _run(app, "verify")
