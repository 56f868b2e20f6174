import pytest
from sqlalchemy import select

from clinic.auth.roles import Role
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound
from clinic.sites.rules import PointKind
from clinic.visits import services
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.queries import board
from clinic.visits.rules import PlaceState, Priority, Taken
from tests import factories

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.postgres]


def test_whoever_is_served_waits_at_the_next_room_in_one_act_and_once(context: object) -> None:
    assert context
    site = factories.create_clinic()
    doctor, colleague = (factories.scope_of(factories.create_user(site, Role.DOCTOR)) for _ in range(2))
    gp, pharmacy = (factories.point_of(doctor.site_id, code) for code in ("GP", "PHARMACY"))
    factories.create_visit(doctor, factories.create_patient(doctor).id, gp)
    visit = factories.create_visit(doctor, factories.create_patient(doctor).id, gp, priority=Priority.PRIORITY)
    place = next(row for row in board(doctor, gp) if row.visit_id == visit.id)
    with transaction():
        services.call(doctor, place.key)
    with pytest.raises(Taken), transaction():
        services.pass_on(colleague, place.key, PointKind.PHARMACY)
    with transaction():
        opened = services.pass_on(doctor, place.key, PointKind.PHARMACY)
    waiting = board(doctor, pharmacy)
    assert [(row.id, row.visit_id, row.priority) for row in waiting] == [(opened, place.visit_id, Priority.PRIORITY)]
    assert db.session.get_one(QueuePlace, place.id).state is PlaceState.DONE
    assert db.session.scalars(select(Visit.closed_at).where(Visit.id == place.visit_id)).one() is None


def test_a_site_without_such_a_room_refuses(context: object) -> None:
    assert context
    doctor = factories.create_desk(Role.DOCTOR)
    point = factories.create_point(
        db.session.get_one(type(factories.create_site()), doctor.site_id), PointKind.SPECIALTY
    )
    factories.create_visit(doctor, factories.create_patient(doctor).id, point.id)
    place = board(doctor, point.id)[0]
    with pytest.raises(NotFound), transaction():
        services.pass_on(doctor, place.id, PointKind.PHARMACY)
