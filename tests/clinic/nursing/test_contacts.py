from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from clinic.auth.roles import Role
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.nursing.models import NursingContact
from clinic.nursing.queries import list_contacts
from clinic.nursing.rules import ContactKind, Incomplete, NotYours
from clinic.nursing.services import add_to_contact, sign_contact
from clinic.patients.models import Patient
from clinic.reports.queries import get_beside
from clinic.reports.rules import month_of
from clinic.sites.models import Site
from clinic.visits.models import Visit
from clinic.visits.rules import VisitOver
from tests import factories
from tests.desk import DeskClient, HiddenFields


def arrive(nurse: Scope) -> Visit:
    gp = factories.point_of(nurse.site_id, "GP")
    return factories.create_visit(nurse, factories.create_patient(nurse).id, gp)


@pytest.fixture
def nurse(app: Flask) -> Scope:
    with app.app_context():
        noise = factories.scope_of(factories.create_user(factories.create_clinic(), Role.NURSE))
        there = arrive(noise).key
        with transaction():
            sign_contact(noise, there, kind=ContactKind.ADVICE, text="elsewhere")
        return factories.scope_of(factories.create_user(factories.create_clinic(), Role.NURSE))


def refused(act: object, *args: object, **kwargs: object) -> DomainError:
    with pytest.raises(DomainError) as refusal, transaction():
        act(*args, **kwargs)  # type: ignore[operator]  # any act
    return refusal.value


@pytest.mark.postgres
@pytest.mark.usefixtures("context")
def test_a_contact_is_signed_as_it_is_written_and_added_to_beside(nurse: Scope) -> None:
    visit, noise = arrive(nurse), arrive(nurse)
    with transaction():
        key = sign_contact(nurse, visit.key, kind=ContactKind.DRESSING, text="Wound clean")
        sign_contact(nurse, noise.key, kind=ContactKind.INJECTION, text="Tetanus")
    with transaction():
        add_to_contact(nurse, visit.key, key, text="It bled again", reason="She came back")
    [shown] = list_contacts([visit.patient_id])
    assert (shown.kind, shown.text, [one.text for one in shown.additions]) == (
        ContactKind.DRESSING,
        "Wound clean",
        ["It bled again"],
    )
    for change in ("UPDATE nursing_contact SET text = 'x'", "DELETE FROM nursing_addition"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(change))


@pytest.mark.usefixtures("context")
def test_nobody_writes_nothing_nor_on_an_old_visit_nor_into_a_colleagues_contact(nurse: Scope) -> None:
    visit = arrive(nurse)
    assert isinstance(refused(sign_contact, nurse, visit.key, kind=ContactKind.ADVICE, text=""), Incomplete)
    with clock.frozen(factories.EVENING + timedelta(days=1)):
        assert isinstance(refused(sign_contact, nurse, visit.key, kind=ContactKind.ADVICE, text="x"), VisitOver)
    with transaction():
        key = sign_contact(nurse, visit.key, kind=ContactKind.ADVICE, text="Breastfeeding")
    colleague = factories.scope_of(factories.create_user(db.session.get_one(Site, nurse.site_id), Role.NURSE))
    stranger = factories.scope_of(factories.create_user(factories.create_clinic(), Role.NURSE))
    assert isinstance(refused(add_to_contact, nurse, visit.key, key, text="x", reason=""), Incomplete)
    assert isinstance(refused(add_to_contact, colleague, visit.key, key, text="x", reason="y"), NotYours)
    assert isinstance(refused(add_to_contact, stranger, visit.key, key, text="x", reason="y"), NotFound)
    assert isinstance(refused(add_to_contact, nurse, arrive(nurse).key, key, text="x", reason="y"), NotFound)


@pytest.mark.postgres
@pytest.mark.usefixtures("context")
def test_the_month_counts_contacts_beside_consultations_as_plain_sql_and_python_do(nurse: Scope) -> None:
    kinds = [ContactKind.DRESSING, ContactKind.DRESSING, ContactKind.INJECTION, ContactKind.ADVICE]
    for kind in kinds:
        key = arrive(nurse).key
        with transaction():
            sign_contact(nurse, key, kind=kind, text="done")
    month = month_of(factories.EVENING.date())
    told = get_beside(nurse, month).nursing
    plain = db.session.execute(
        text(
            "SELECT c.kind, COUNT(*) FROM nursing_contact c JOIN visit v ON v.id = c.visit_id "
            "WHERE v.site_id = :site GROUP BY c.kind"
        ),
        {"site": nurse.site_id},
    ).all()
    by_hand = {kind.value: kinds.count(kind) for kind in kinds}
    assert told == {kind: count for kind, count in plain} == by_hand  # noqa: C416 - rows are no pairs
    assert get_beside(nurse, month.previous).nursing == {}


def test_the_nurse_signs_on_the_page_and_what_is_refused_keeps_what_was_typed(
    app: Flask, client: DeskClient, nurse: Scope
) -> None:
    with app.app_context():
        visit_key = arrive(nurse).key
    factories.sign_in(client, nurse)
    path = f"/nursing/{visit_key}"
    late = client.submit(path, {"kind": "", "text": "Rinsed and dressed"}, to=path)
    assert late.status_code == 422
    assert "Rinsed and dressed" in late.get_data(as_text=True)
    assert client.submit(path, {"kind": "DRESSING", "text": "Rinsed and dressed"}, to=path).location == path
    assert "Rinsed and dressed" in client.get(path).get_data(as_text=True)
    with app.app_context():
        signed = db.session.scalars(select(NursingContact.kind).where(NursingContact.site_id == nurse.site_id)).all()
        assert signed == [ContactKind.DRESSING]


def test_who_looked_at_a_persons_contacts_stands_under_the_person_and_another_persons_contact_is_not_there(
    app: Flask, client: DeskClient, nurse: Scope
) -> None:
    with app.app_context():
        visit, others = arrive(nurse), arrive(nurse).key
        here, person_key = visit.key, db.session.get_one(Patient, visit.patient_id).key
        with transaction():
            key = sign_contact(nurse, here, kind=ContactKind.ADVICE, text="Breastfeeding")
    factories.sign_in(client, nurse)
    assert client.get(f"/nursing/{here}").status_code == 200
    with app.app_context():
        looked = select(AuditEvent.row_key).where(AuditEvent.table_name == "CHART", AuditEvent.act == "READ")
        assert db.session.scalars(looked).all() == [person_key]
    form = HiddenFields(client.get(f"/nursing/{others}").get_data(as_text=True)).forms[f"/nursing/{others}"]
    assert client.post(f"/nursing/{others}/contacts/{key}", data=form).status_code == 404
