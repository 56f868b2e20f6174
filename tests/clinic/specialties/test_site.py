import pytest
from flask import Flask
from sqlalchemy import select

from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db
from clinic.sites.queries import get_site, list_hours
from clinic.sites.rules import Hours
from tests.desk import DeskClient, HiddenFields
from tests.factories import create_clinic, create_user, scope_of, sign_in

TOLD = {"name_en": "Fatih", "name_tr": "Fatih", "name_ar": "الفاتح", "phone": "0212 111 22 33"}
EVERY_DAY = {f"opens_{day}": "17:00" for day in range(7)} | {f"closes_{day}": "21:00" for day in range(7)}


@pytest.fixture
def administrator(app: Flask, client: DeskClient) -> Scope:
    with app.app_context():
        create_clinic()
        person = scope_of(create_user(create_clinic(), Role.ADMINISTRATOR))
    sign_in(client, person)
    return person


def test_site(client: DeskClient, administrator: Scope) -> None:
    page = client.get("/clinic").get_data(as_text=True)
    assert page.count('value="17:00"') == 7
    assert "Sunday" in page


def test_hours_and_names_hold_as_told_and_a_day_without_times_is_closed(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    told = TOLD | EVERY_DAY | {"opens_5": "15:00", "closes_5": "18:30", "opens_6": "", "closes_6": ""}
    assert client.submit("/clinic", told, to="/clinic").location == "/clinic"
    with app.app_context():
        assert list_hours(administrator) == {day: Hours(1020, 1260) for day in range(5)} | {5: Hours(900, 1110)}
        assert get_site(administrator).phone == "0212 111 22 33"
    assert client.submit("/clinic", TOLD | EVERY_DAY | {"opens_6": "٩:٣٠"}, to="/clinic").status_code == 302
    with app.app_context():
        assert list_hours(administrator)[6] == Hours(570, 1260)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"closes_2": ""}, "Write when it opens and when it closes, or neither."),
        ({"opens_2": "21:00"}, "It must close later than it opens."),
        ({"opens_2": "25:00"}, "25:00"),
        ({"name_ar": ""}, "Name in Arabic"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_all_that_was_typed(
    app: Flask, client: DeskClient, administrator: Scope, wrong: dict[str, str], words: str
) -> None:
    answer = client.submit("/clinic", TOLD | EVERY_DAY | {"opens_0": "16:15"} | wrong, to="/clinic")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert 'value="16:15"' in page
    with app.app_context():
        assert list_hours(administrator)[0] == Hours(1020, 1260)


def test_changed_hours_are_on_the_record_and_a_colleague_who_was_slower_is_shown_both_texts(
    app: Flask, client: DeskClient, administrator: Scope
) -> None:
    page = client.get("/clinic").get_data(as_text=True)
    client.submit("/clinic", TOLD | EVERY_DAY | {"opens_0": "16:15", "phone": "0212 000 00 99"}, to="/clinic")
    late = client.post("/clinic", data=HiddenFields(page).forms["/clinic"] | TOLD | EVERY_DAY)
    assert late.status_code == 422
    assert "0212 000 00 99" in late.get_data(as_text=True)
    with app.app_context():
        assert list_hours(administrator)[0].opens == 16 * 60 + 15
        details = db.session.scalars(
            select(AuditEvent.detail).where(
                AuditEvent.table_name == "opening_hours", AuditEvent.actor_id == administrator.user_id
            )
        ).all()
        assert any("opens" in str(detail) for detail in details)
