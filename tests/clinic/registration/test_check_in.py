"""A number for tonight: scenarios 1, 8 and 9, and the slip that tells nobody who someone is."""

import io
import re
from unittest.mock import patch

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from clinic.auth.roles import Role
from clinic.kernel import pdf
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.patients.rules import Sex
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import Priority, VisitReason
from tests.clinic.registration.conftest import Desk
from tests.desk import HiddenFields
from tests.statements import count_statements

MOHAMMED = {"other_spelling": "Mohammed Al-Hariri", "born": "04.03.1985"}


def check_in(desk: Desk, key: str, code: str = "GP", why: str = "NEW_PROBLEM") -> str:
    """Give a person a number and return the address at which it is shown."""
    answer = desk.client.submit(
        f"/registration/{key}", {"point": desk.point(code), "why": why}, to=f"/registration/{key}/check-in"
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def visits(desk: Desk) -> list[tuple[int, VisitReason, list[tuple[str, Priority]]]]:
    """Return number, reason and places of every visit."""
    with desk.app.app_context():
        return [
            (
                visit.number,
                VisitReason(visit.reason),
                sorted(
                    (str(place.service_point_id), place.priority)
                    for place in db.session.scalars(select(QueuePlace).where(QueuePlace.visit_id == visit.id))
                ),
            )
            for visit in db.session.scalars(select(Visit).order_by(Visit.number))
        ]


def test_check_in_gives_the_next_number_and_shows_it_with_its_slip(desk: Desk) -> None:
    first, second = desk.register("Rashid"), desk.register("محمد", "الحريري", **MOHAMMED)
    check_in(desk, first)
    page = desk.client.get(check_in(desk, second, "PED", "FOLLOW_UP")).get_data(as_text=True)
    assert [(number, reason) for number, reason, _ in visits(desk)] == [
        (1, VisitReason.NEW_PROBLEM),
        (2, VisitReason.FOLLOW_UP),
    ]
    assert '<p class="slip-number"><bdi>2</bdi></p>' in page
    assert "م. ح." in page
    assert "الحريري" not in page
    assert "Numaranız 2." in page


def test_one_who_cannot_wait_stands_first_at_triage_and_at_the_doctor_s(desk: Desk) -> None:
    check_in(desk, desk.register("Rashid"))
    check_in(desk, desk.register("Khaled"), why="CANNOT_WAIT")
    _, (_, _, places) = visits(desk)
    assert [priority for _, priority in places] == [Priority.EMERGENCY, Priority.EMERGENCY]


def test_pressed_twice_it_is_still_one_number(desk: Desk) -> None:
    key = desk.register("Rashid")
    page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
    action = f"/registration/{key}/check-in"
    sent = {**HiddenFields(page).forms[action], "point": desk.point("GP"), "why": "NEW_PROBLEM"}
    answers = [desk.client.post(action, data=sent) for _ in range(3)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, answers[0].location)}
    assert len(visits(desk)) == 1


def test_the_same_form_with_other_answers_is_refused(desk: Desk) -> None:
    key = desk.register("Rashid")
    page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
    action = f"/registration/{key}/check-in"
    hidden = HiddenFields(page).forms[action]
    desk.client.post(action, data={**hidden, "point": desk.point("GP"), "why": "NEW_PROBLEM"})
    again = desk.client.post(action, data={**hidden, "point": desk.point("PED"), "why": "NEW_PROBLEM"})
    assert again.status_code == 422
    assert len(visits(desk)) == 1


def test_one_who_is_here_already_keeps_the_number_and_may_wait_elsewhere_too(desk: Desk) -> None:
    key = desk.register("Rashid")
    number = check_in(desk, key)
    page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
    assert "Checked in already" in page
    assert f'action="/registration/{key}/check-in"' not in page
    visit_key = number.rpartition("/")[2]
    also = desk.client.submit(
        f"/registration/{key}", {"point": desk.point("GYN")}, to=f"/registration/{visit_key}/also"
    )
    assert (also.status_code, also.location) == (303, number)
    [(_, _, places)] = visits(desk)
    assert len(places) == 3


def test_a_second_check_in_of_another_page_is_refused_in_words(desk: Desk) -> None:
    key = desk.register("Rashid")
    page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
    action = f"/registration/{key}/check-in"
    hidden = HiddenFields(page).forms[action]
    check_in(desk, key)
    refused = desk.client.post(action, data={**hidden, "point": desk.point("GP"), "why": "NEW_PROBLEM"})
    assert refused.status_code == 422
    assert "This person is checked in tonight already, as no. 1." in refused.get_data(as_text=True)
    assert len(visits(desk)) == 1


def test_where_and_why_must_be_said(desk: Desk) -> None:
    key = desk.register("Rashid")
    refused = desk.client.submit(f"/registration/{key}", {"point": "", "why": ""}, to=f"/registration/{key}/check-in")
    assert refused.status_code == 422
    assert "No number given." in refused.get_data(as_text=True)
    elsewhere = desk.client.submit(
        f"/registration/{key}", {"point": "no-such-point", "why": "NEW_PROBLEM"}, to=f"/registration/{key}/check-in"
    )
    assert elsewhere.status_code == 422
    assert visits(desk) == []


def test_the_last_visit_presets_where_and_a_child_is_meant_for_the_children_s_doctor(desk: Desk) -> None:
    known, child, adult = (
        desk.register("Rashid"),
        desk.register("Layan", born="2019"),
        desk.register("Omar", born="1980"),
    )
    number = check_in(desk, known, "INT")
    with desk.app.app_context(), transaction() as session:
        visit = session.scalars(select(Visit).where(Visit.key == number.rpartition("/")[2])).one()
        visit.day = visit.day.replace(day=3)
        visit.closed_at = visit.arrived_at

    def chosen(key: str) -> list[str]:
        page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
        return re.findall(r'name="point"[^>]* value="([^"]+)"[^>]* checked', page)

    assert chosen(known) == [desk.point("INT")]
    assert chosen(child) == [desk.point("PED")]
    assert chosen(adult) == []


def test_check_in_costs_few_statements(desk: Desk) -> None:
    key = desk.register("Rashid")
    page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
    action = f"/registration/{key}/check-in"
    sent = {**HiddenFields(page).forms[action], "point": desk.point("GP"), "why": "NEW_PROBLEM"}
    with count_statements(desk.app) as told:
        assert desk.client.post(action, data=sent).status_code == 303
    assert len(told) <= 18


def test_the_slip_is_printed_in_the_person_s_language_and_says_initials_alone(desk: Desk) -> None:
    key = desk.register("محمد", "الحريري", **MOHAMMED)
    number = check_in(desk, key)
    paper = desk.client.get(f"{number}/slip.pdf")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    [page] = PdfReader(io.BytesIO(paper.data)).pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [105, 148]
    text = page.extract_text()
    assert "Numaranız 1." in text
    assert "انتظر" in text
    assert "الحريري" not in text
    assert "Hariri" not in text
    assert "Hariri" not in paper.headers["Content-Disposition"]
    with desk.app.app_context():
        prints = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "PRINT")).all()
        assert [event.table_name for event in prints] == ["SLIP"]


def test_a_number_given_this_moment_prints_once_and_looked_at_again_it_does_not(desk: Desk) -> None:
    number = check_in(desk, desk.register("Rashid"))
    assert "data-print" in desk.client.get(number).get_data(as_text=True)
    assert "data-print" not in desk.client.get(number).get_data(as_text=True)


def test_where_no_pdf_can_be_made_that_is_said_and_the_number_stands(desk: Desk) -> None:
    number = check_in(desk, desk.register("Rashid"))
    unavailable = pdf.PdfUnavailable("Nothing can be printed from this computer yet.")
    with patch("clinic.registration.views.check_in.render_pdf", side_effect=unavailable):
        answer = desk.client.get(f"{number}/slip.pdf")
    assert answer.status_code == 503
    assert "Nothing can be printed from this computer yet." in answer.get_data(as_text=True)
    assert "slip-number" in desk.client.get(number).get_data(as_text=True)


def test_a_slip_of_another_site_is_not_shown(desk: Desk) -> None:
    number = check_in(desk, desk.register("Rashid"))
    with desk.app.app_context(), transaction() as session:
        visit = session.scalars(select(Visit)).one()
        visit.site_id = desk.elsewhere.site_id
    assert desk.client.get(number).status_code == 404
    assert desk.client.get(f"{number}/slip.pdf").status_code == 404


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.PHARMACIST, Role.INTERPRETER, Role.MANAGER, Role.ADMINISTRATOR])
def test_only_the_desk_and_the_nurse_give_numbers(desk: Desk, role: Role) -> None:
    key = desk.register("Rashid")
    desk.sign_in(role)
    assert desk.client.post(f"/registration/{key}/check-in").status_code in {400, 403}
    assert desk.client.get(f"/registration/{key}/family").status_code == 403
    assert visits(desk) == []


def family(desk: Desk) -> list[str]:
    """Register a mother and three children and return their keys."""
    mother = desk.register("Fatima", "Hariri", born="1990", sex=Sex.FEMALE)
    children = [
        desk.register(name, "Hariri", born=born, relative_key=mother)
        for name, born in (("Huda", "2012"), ("Ali", "2018"), ("Layan", "2021"))
    ]
    return [mother, *children]


def test_a_family_has_four_numbers_in_a_row_each_where_it_belongs_and_sent_again_no_more(desk: Desk) -> None:
    mother, *children = family(desk)
    desk.register("Rashid")
    page = desk.client.get(f"/registration/{mother}").get_data(as_text=True)
    assert "3 of the family known: family today" in page
    path = f"/registration/{mother}/family"
    hidden = HiddenFields(desk.client.get(path).get_data(as_text=True)).forms[path]
    presets = {f"where_{key.replace('-', '_')}": desk.point("PED") for key in children}
    sent = {
        **hidden,
        **presets,
        f"where_{mother.replace('-', '_')}": desk.point("GYN"),
        "who": [mother, *children],
        "why": "NEW_PROBLEM",
    }
    answers = [desk.client.post(path, data=sent) for _ in range(2)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, path)}
    with desk.app.app_context():
        found = db.session.execute(
            select(Visit.number, Patient.key, Patient.household_id).join(Patient).order_by(Visit.number)
        ).all()
    assert [(number, key) for number, key, _ in found] == list(enumerate([mother, *children], start=1))
    assert len({household for _, _, household in found}) == 1
    shown = desk.client.get(path).get_data(as_text=True)
    assert "4 numbers given." in shown
    assert "here tonight, no. 4" in shown


def test_a_family_is_checked_in_whole_or_not_at_all(desk: Desk) -> None:
    mother, child, *_ = family(desk)
    path = f"/registration/{mother}/family"
    hidden = HiddenFields(desk.client.get(path).get_data(as_text=True)).forms[path]
    check_in(desk, child, "PED")
    points = {f"where_{key.replace('-', '_')}": desk.point("PED") for key in (mother, child)}
    refused = desk.client.post(path, data={**hidden, **points, "who": [mother, child], "why": "NEW_PROBLEM"})
    assert refused.status_code == 422
    assert "as no. 1" in refused.get_data(as_text=True)
    assert len(visits(desk)) == 1


def test_of_a_family_someone_must_be_ticked_and_sent_somewhere(desk: Desk) -> None:
    mother, *_ = family(desk)
    path = f"/registration/{mother}/family"
    assert desk.client.submit(path, {"why": "NEW_PROBLEM"}, to=path).status_code == 422
    nowhere: dict[str, str | list[str]] = {
        f"where_{mother.replace('-', '_')}": "",
        "who": [mother],
        "why": "NEW_PROBLEM",
    }
    refused = desk.client.submit(path, nowhere, to=path)
    assert "Choose where this person goes." in refused.get_data(as_text=True)
    assert visits(desk) == []


def test_the_page_of_a_family_costs_at_most_eight_statements(desk: Desk) -> None:
    mother, *_ = family(desk)
    with count_statements(desk.app) as told:
        assert desk.client.get(f"/registration/{mother}/family").status_code == 200
    assert len(told) <= 8
