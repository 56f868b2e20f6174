"""The nurse's desk, page by page: the queue, one person's sheet, what is asked, refused, saved and corrected."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from clinic.auth.models import UserSession
from clinic.auth.roles import Role
from clinic.chart import services as chart
from clinic.chart.models import Allergy, AllergyAnswer, Pregnancy, PregnancyAnswer
from clinic.chart.rules import PregnancySource, Severity
from clinic.kernel import clock
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.patients.rules import Sex
from clinic.sites.models import Site
from clinic.visits import queries, services
from clinic.visits.models import Observation, Visit
from clinic.visits.rules import BegunKind, DangerSign, PlaceState, Priority, VisitReason, Vital
from tests.clinic.visits.conftest import Evening
from tests.desk import DeskClient
from tests.factories import EVENING, create_desk, create_patient, create_user, create_visit, scope_of, sign_in
from tests.statements import count_statements

SIGNS = {sign.value.lower(): "no" for sign in DangerSign}
Born = tuple[int, int, int]
YAMEN: Born = (2023, 3, 14)
NEWBORN: Born = (2026, 11, 20)
CHILD = {"temperature": "36,9", "respiration": "30", "pulse": "110", "oxygen": "98", **SIGNS}
SCENARIO_10 = {
    "temperature": "39.4",
    "pulse": "118",
    "respiration": "26",
    "oxygen": "93",
    "oxygen_given": "no",
    "systolic": "104",
    "diastolic": "70",
    "consciousness": "ALERT",
}


@dataclass(frozen=True)
class Desk:
    """A nurse at work in a browser, and what the database says beside it."""

    app: Flask
    client: DeskClient
    evening: Evening

    def arrive(self, code: str = "PED", *, minutes: int = 0, born: Born | None = None, **person: object) -> str:
        """Check a person in and return the key of their place at triage."""
        born_on = {} if born is None else dict(zip(("birth_year", "birth_month", "birth_day"), born, strict=True))
        with self.app.app_context(), clock.frozen(EVENING + timedelta(minutes=minutes)):
            patient = create_patient(self.evening.registrar, **born_on, **person)
            visit = create_visit(self.evening.registrar, patient.id, self.evening.points[code])
            return self.place(visit.id, "TRIAGE").key

    def place(self, visit_id: int, code: str) -> queries.PlaceRow:
        places = queries.list_places(self.evening.nurse, visit_id)
        return next(place for place in places if place.point_id == self.evening.points[code])

    def row(self, key: str) -> queries.PlaceRow:
        with self.app.app_context():
            return queries.get_place(self.evening.nurse, key)

    def save(self, key: str, answers: dict[str, str]) -> TestResponse:
        return self.client.submit(f"/triage/{key}", answers, to=f"/triage/{key}")

    def readings(self, key: str) -> dict[str, int]:
        """Return what was recorded on the visit of a place, corrected values left out."""
        with self.app.app_context():
            place = queries.get_place(self.evening.nurse, key)
            rows = db.session.scalars(select(Observation).where(Observation.visit_id == place.visit_id)).all()
            corrected = {row.corrects_id for row in rows}
            return {row.kind: row.value for row in rows if row.id not in corrected}

    def count(self, table: type) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(app: Flask, client: DeskClient, tonight: Evening) -> Desk:
    sign_in(client, tonight.nurse)
    return Desk(app, client, tonight)


def text_of(answer: TestResponse) -> str:
    """Return the words of a page, without its tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def value_of(answer: TestResponse, name: str) -> str:
    """Return what a page shows as typed in a field."""
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', answer.get_data(as_text=True))
    assert found is not None
    value = re.search(r'\bvalue="([^"]*)"', found[0])
    return unescape(value[1]) if value else ""


# ---- the queue -----------------------------------------------------------------------------------------------------


def test_the_queue_shows_who_waits_for_what_and_emergencies_first(desk: Desk) -> None:
    desk.arrive(given_latin="Khaled", minutes=-20)
    key = desk.arrive(given_latin="Rimas", minutes=-3)
    with desk.app.app_context(), transaction():
        services.set_priority(
            desk.evening.nurse, queries.get_place(desk.evening.nurse, key).visit_id, Priority.EMERGENCY
        )
    page = text_of(desk.client.get("/triage"))
    assert page.index("Rimas") < page.index("Khaled")
    assert "2 people · longest 20 min" in page
    assert "PED" in page


def test_an_empty_queue_says_so_in_one_sentence(desk: Desk) -> None:
    assert "Nobody is waiting." in text_of(desk.client.get("/triage"))
    key = desk.arrive("GP")
    desk.save(key, {"temperature": "36.8"})
    assert "Nobody is waiting. The last person was measured at 18:40." in text_of(desk.client.get("/triage"))


def test_calling_next_opens_the_first_persons_sheet_and_a_second_click_calls_nobody_else(desk: Desk) -> None:
    first, second = desk.arrive(minutes=-9), desk.arrive(minutes=-5)
    opened = desk.client.get("/triage")
    form = {"csrf_token": value_of(opened, "csrf_token"), "op": value_of(opened, "op")}
    for _ in range(2):
        answer = desk.client.post("/triage/next", data=form)
        assert (answer.status_code, answer.location) == (303, f"/triage/{first}")
    assert (desk.row(first).state, desk.row(first).calls) == (PlaceState.CALLED, 1)
    assert desk.row(second).state is PlaceState.WAITING


def test_when_nobody_waits_the_queue_says_that_nobody_could_be_called(desk: Desk) -> None:
    answer = desk.client.submit("/triage", {}, to="/triage/next")
    assert answer.status_code == 409
    assert "Nobody waits here whom you could call." in text_of(answer)


def test_one_who_was_called_three_times_can_be_noted_as_gone(desk: Desk) -> None:
    key = desk.arrive()
    for calls in range(1, 4):
        assert "Note that they left" not in text_of(desk.client.get("/triage"))
        answer = desk.client.submit(f"/triage/{key}", {}, to=f"/triage/{key}/call")
        assert answer.location == f"/triage/{key}"
        assert desk.row(key).calls == calls
    assert "Note that they left" in text_of(desk.client.get("/triage"))
    form = _act_form(desk, "/triage")
    assert desk.client.post(f"/triage/{key}/left", data=form).location == "/triage"
    assert desk.row(key).state is PlaceState.LEFT


def test_later_lets_a_called_person_wait_again(desk: Desk) -> None:
    key = desk.arrive()
    desk.client.submit(f"/triage/{key}", {}, to=f"/triage/{key}/call")
    form = _act_form(desk, f"/triage/{key}", action=f"/triage/{key}/call")
    assert desk.client.post(f"/triage/{key}/later", data=form).location == "/triage"
    assert desk.row(key).state is PlaceState.WAITING


def test_one_whom_a_colleague_called_is_not_taken_away(desk: Desk) -> None:
    key = desk.arrive()
    with desk.app.app_context(), transaction():
        services.call(desk.evening.colleague, key)
    answer = desk.client.post(f"/triage/{key}/call", data=_act_form(desk, "/triage"))
    assert answer.status_code == 409
    assert "No. 1 went to Serkan Aydın at 18:40." in text_of(answer)
    assert desk.row(key).served_by_id == desk.evening.colleague.user_id


def test_a_form_without_its_key_does_nothing(desk: Desk) -> None:
    key = desk.arrive()
    form = _act_form(desk, "/triage")
    del form["op"]
    assert desk.client.post(f"/triage/{key}/call", data=form).status_code == 422
    assert desk.row(key).state is PlaceState.WAITING


def _act_form(desk: Desk, page: str, action: str = "/triage/next") -> dict[str, str]:
    body = desk.client.get(page).get_data(as_text=True)
    form = body[body.index(f'action="{action}"') :]
    return {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', form)[1]  # type: ignore[index]  # it stands there
        for name in ("csrf_token", "op")
    }


def test_a_poll_does_not_keep_a_session_alive(desk: Desk) -> None:
    def seen() -> object:
        with desk.app.app_context():
            return db.session.scalar(select(UserSession.seen_at))

    first = seen()
    with clock.frozen(EVENING + timedelta(minutes=4)):
        assert desk.client.get("/triage", headers={"X-Poll": "1"}).status_code == 200
        assert seen() == first
        desk.client.get("/triage")
        assert seen() != first
    page = desk.client.get("/triage").get_data(as_text=True)
    assert """hx-headers='{"X-Poll": "1"}'""" in page


def test_a_board_is_on_record_once_a_person_and_evening(desk: Desk) -> None:
    for _ in range(3):
        desk.client.get("/triage")
    with desk.app.app_context():
        boards = db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.table_name == "BOARD")).all()
    assert boards == [desk.evening.nurse.user_id]


def test_a_queue_costs_eight_statements_at_most_however_long(desk: Desk) -> None:
    for minutes in range(9):
        desk.arrive(minutes=-minutes)
    desk.client.get("/triage")
    with count_statements(desk.app) as statements:
        desk.client.get("/triage")
    assert len(statements) <= 8


# ---- who may, and whose --------------------------------------------------------------------------------------------


def _routes(key: str) -> list[tuple[str, str]]:
    return [
        ("GET", f"/triage/{key}"),
        ("POST", f"/triage/{key}"),
        ("POST", f"/triage/{key}/reading"),
        ("POST", f"/triage/{key}/call"),
        ("POST", f"/triage/{key}/later"),
        ("POST", f"/triage/{key}/left"),
        ("GET", f"/triage/{key}/correct/weight"),
        ("POST", f"/triage/{key}/correct/weight"),
        ("GET", f"/triage/{key}/allergy/none"),
        ("GET", f"/triage/{key}/pregnancy"),
    ]


def test_a_person_of_another_site_is_not_found_by_any_route(desk: Desk) -> None:
    with desk.app.app_context():
        visit = create_visit(desk.evening.stranger, desk.evening.stranger_patient, desk.evening.elsewhere["PED"])
        key = queries.list_places(desk.evening.stranger, visit.id)[0].key
    form = _act_form(desk, "/triage")
    for method, path in _routes(key):
        assert desk.client.open(path, method=method, data=form if method == "POST" else None).status_code == 404, path
    with desk.app.app_context():
        assert queries.get_place(desk.evening.stranger, key).state is PlaceState.WAITING


def test_a_place_of_another_queue_and_of_another_evening_is_no_sheet(desk: Desk) -> None:
    key = desk.arrive()
    with desk.app.app_context():
        doctors = desk.place(queries.get_place(desk.evening.nurse, key).visit_id, "PED").key
    assert desk.client.get(f"/triage/{doctors}").status_code == 404
    with clock.frozen(EVENING + timedelta(days=1)):
        sign_in(desk.client, desk.evening.nurse)
        assert desk.client.get(f"/triage/{key}").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.NURSE])
def test_only_a_nurse_passes(app: Flask, client: DeskClient, role: Role) -> None:
    with app.app_context():
        person = create_desk(role)
    sign_in(client, person)
    assert client.get("/triage").status_code == 403
    for method, path in _routes("any"):
        assert client.open(path, method=method).status_code in {400, 403}, path


# ---- measured, judged, saved ---------------------------------------------------------------------------------------


def test_what_is_measured_is_saved_and_the_next_person_is_opened(desk: Desk) -> None:
    first, second = desk.arrive(born=YAMEN, minutes=-9), desk.arrive(minutes=-4)
    answer = desk.save(first, {**CHILD, "weight": "14,2", "arm": "151", "height": "٩٤٫٥"})
    assert (answer.status_code, answer.location) == (303, f"/triage/{second}")
    wanted = {"WEIGHT": 14_200, "TEMPERATURE": 369, "RESPIRATION": 30, "PULSE": 110, "OXYGEN": 98, "ARM": 151}
    assert desk.readings(first) == wanted | {"HEIGHT": 945} | dict.fromkeys(DangerSign, 0)
    assert desk.row(first).state is PlaceState.DONE
    assert "No. 1 is saved." in text_of(desk.client.get(f"/triage/{second}"))


def test_the_same_form_sent_twice_records_once(desk: Desk) -> None:
    key = desk.arrive("GP")
    page = desk.client.get(f"/triage/{key}")
    form = {name: value_of(page, name) for name in ("csrf_token", "op")} | {"temperature": "36.8"}
    places = {desk.client.post(f"/triage/{key}", data=form).location for _ in range(3)}
    assert places == {"/triage"}
    assert desk.count(Observation) == 1
    assert desk.client.post(f"/triage/{key}", data=form | {"temperature": "37.8"}).status_code == 409


def test_scenario_10_a_man_who_is_very_ill_comes_first_with_his_score_and_who_measured_it(desk: Desk) -> None:
    desk.arrive("GP", minutes=-30)
    key = desk.arrive("GP", birth_year=1981)
    live = desk.client.post(f"/triage/{key}/reading", data=_sheet_form(desk, key) | SCENARIO_10)
    assert "Early-warning score (NEWS2): 10, see at once" in text_of(live)
    assert 'class="stop"' in live.get_data(as_text=True)
    assert value_of(live, "suggested") == "EMERGENCY"
    assert desk.readings(key) == {}
    answer = desk.save(key, {**SCENARIO_10, "suggested": "EMERGENCY", "priority": "EMERGENCY"})
    assert answer.status_code == 303
    with desk.app.app_context():
        board = queries.board(desk.evening.doctor, desk.evening.points["GP"])
        assert (board[0].number, board[0].priority, board[0].is_measured) == (2, Priority.EMERGENCY, True)
        readings = db.session.scalars(select(Observation).where(Observation.visit_id == board[0].visit_id)).all()
        assert {(one.recorded_by_id, one.measured_at) for one in readings} == {(desk.evening.nurse.user_id, EVENING)}


def _sheet_form(desk: Desk, key: str) -> dict[str, str]:
    page = desk.client.get(f"/triage/{key}")
    return {name: value_of(page, name) for name in ("csrf_token", "op", "suggested")}


def test_without_script_a_suggestion_that_was_not_seen_is_shown_before_anything_is_saved(desk: Desk) -> None:
    key = desk.arrive("GP", birth_year=1981)
    answer = desk.save(key, SCENARIO_10)
    assert answer.status_code == 422
    assert "Suggested: Emergency (early-warning score 10)." in text_of(answer)
    assert "Look at the priority once more." in text_of(answer)
    assert desk.readings(key) == {}
    again = {name: value_of(answer, name) for name in ("csrf_token", "op", "suggested")}
    assert desk.client.post(f"/triage/{key}", data=again | SCENARIO_10 | {"priority": "EMERGENCY"}).status_code == 303
    assert desk.row(key).priority is Priority.EMERGENCY


def test_where_all_is_well_routine_is_suggested(desk: Desk) -> None:
    key = desk.arrive("GP")
    live = desk.client.post(f"/triage/{key}/reading", data=_sheet_form(desk, key) | {"pulse": "72"})
    assert "Suggested: Routine. You decide." in text_of(live)


def test_the_nurse_decides_and_her_choice_stays(desk: Desk) -> None:
    key = desk.arrive("GP", birth_year=1981)
    form = SCENARIO_10 | {"suggested": "EMERGENCY", "priority": "PRIORITY"}
    live = desk.client.post(f"/triage/{key}/reading", data=_sheet_form(desk, key) | form)
    assert re.search(r'value="PRIORITY" checked', live.get_data(as_text=True))
    assert desk.save(key, form).status_code == 303
    assert desk.row(key).priority is Priority.PRIORITY


def test_a_suggestion_never_takes_an_emergency_back(desk: Desk) -> None:
    key = desk.arrive("GP")
    with desk.app.app_context(), transaction():
        visit_id = queries.get_place(desk.evening.nurse, key).visit_id
        services.set_priority(desk.evening.registrar, visit_id, Priority.EMERGENCY)
    assert re.search(r'value="EMERGENCY" checked', desk.client.get(f"/triage/{key}").get_data(as_text=True))
    desk.save(key, {"temperature": "36.8", "priority": "EMERGENCY"})
    assert desk.row(key).priority is Priority.EMERGENCY


def test_scenario_11_a_newborn_is_saved_by_a_newborns_limits(desk: Desk) -> None:
    key = desk.arrive(born=NEWBORN)
    form = {"length": "49", "respiration": "64", "weight": "3,1", "temperature": "36.8", **SIGNS}
    live = desk.client.post(f"/triage/{key}/reading", data=_sheet_form(desk, key) | form)
    said = text_of(live)
    assert said.count("high") == 1
    assert "Did you mean" not in said
    answer = desk.save(key, {**form, "suggested": "PRIORITY", "priority": "PRIORITY"})
    assert answer.status_code == 303
    assert desk.readings(key)["LENGTH"] == 490
    assert desk.readings(key)["RESPIRATION"] == 64
    assert desk.readings(key)["WEIGHT"] == 3_100


@pytest.fixture
def yamen(desk: Desk) -> str:
    """A boy of three who weighed 14.2 kg 71 days ago; his place at triage."""
    with desk.app.app_context():
        patient = create_patient(desk.evening.registrar, birth_year=2023, birth_month=3, birth_day=14)
        with clock.frozen(EVENING - timedelta(days=71)):
            before = create_visit(desk.evening.registrar, patient.id, desk.evening.points["PED"])
            with transaction():
                services.record_vitals(desk.evening.nurse, before.id, {Vital.WEIGHT: 14_200})
        visit = create_visit(desk.evening.registrar, patient.id, desk.evening.points["PED"])
        return desk.place(visit.id, "TRIAGE").key


def test_scenario_12_ten_times_the_last_weight_is_asked_about_and_nothing_is_saved(desk: Desk, yamen: str) -> None:
    answer = desk.save(yamen, {**CHILD, "weight": "142"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Did you mean 14.2 kg?" in page
    assert "142 kg is right, because" in page
    assert "One question is open: Weight" in page
    assert value_of(answer, "weight") == "142"
    assert value_of(answer, "temperature") == "36,9"
    assert desk.readings(yamen) == {}
    assert desk.row(yamen).state is PlaceState.WAITING


def test_scenario_12_what_was_meant_takes_the_place_of_what_was_typed_and_is_saved_when_the_nurse_saves(
    desk: Desk, yamen: str
) -> None:
    answer = desk.save(yamen, {**CHILD, "weight": "142", "fix": "weight"})
    assert answer.status_code == 200
    assert value_of(answer, "weight") == "14.2"
    assert value_of(answer, "pulse") == "110"
    assert "Did you mean" not in text_of(answer)
    assert desk.readings(yamen) == {}
    form = {name: value_of(answer, name) for name in ("csrf_token", "op", "suggested", "weight")}
    assert desk.client.post(f"/triage/{yamen}", data=CHILD | form).status_code == 303
    assert desk.readings(yamen)["WEIGHT"] == 14_200


def test_scenario_12_an_unlikely_value_is_saved_with_the_reason_that_it_is_right(desk: Desk, yamen: str) -> None:
    answer = desk.save(yamen, {**CHILD, "weight": "13", "why_weight": "weighed twice, was ill"})
    assert answer.status_code == 303
    with desk.app.app_context():
        reason = db.session.scalar(select(Observation.reason).where(Observation.value == 13_000))
    assert reason == "weighed twice, was ill"


def test_a_value_that_cannot_be_is_refused_and_what_was_meant_is_offered(desk: Desk, yamen: str) -> None:
    answer = desk.save(yamen, {**CHILD, "weight": "14.2", "temperature": "386"})
    assert answer.status_code == 422
    assert "386 cannot be. Did you mean 38.6?" in text_of(answer)
    assert value_of(answer, "temperature") == "386"
    assert desk.readings(yamen) == {}
    fixed = desk.save(yamen, {**CHILD, "weight": "14.2", "temperature": "386", "fix": "temperature"})
    assert value_of(fixed, "temperature") == "38.6"


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("temperature", "warm", "warm is not a number."),
        ("temperature", "220.000", "can be read in two ways"),
        ("pulse", "0", "0 cannot be. Values go from 10 to 350."),
        ("oxygen", "101", "101 cannot be."),
        ("arm", "11.4", "11.4 cannot be. Did you mean 114?"),
        ("drowsy", "perhaps", "Choose among the answers that are offered."),
        ("priority", "SOON", "Choose among the answers that are offered."),
        ("why_weight", "x" * 201, "201 characters stand here, and 200 fit."),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field_and_kept(
    desk: Desk, yamen: str, name: str, typed: str, words: str
) -> None:
    answer = desk.save(yamen, {**CHILD, "weight": "14.2", name: typed})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Not saved. One answer needs another look." in text_of(answer)
    assert desk.readings(yamen) == {}


def test_pressures_the_wrong_way_round_are_refused(desk: Desk) -> None:
    key = desk.arrive("GP")
    answer = desk.save(key, {"systolic": "70", "diastolic": "104"})
    assert answer.status_code == 422
    assert "The lower pressure must be below the upper one." in text_of(answer)


@pytest.mark.parametrize(
    ("millimetres", "word"),
    [
        ("114", "severe acute malnutrition"),
        ("115", "moderate acute malnutrition"),
        ("124", "moderate acute malnutrition"),
        ("125", "no wasting by arm"),
    ],
)
def test_scenario_13_every_arm_has_one_class_on_the_page(desk: Desk, millimetres: str, word: str) -> None:
    key = desk.arrive(born=(2024, 11, 20))
    live = desk.client.post(f"/triage/{key}/reading", data=_sheet_form(desk, key) | {"arm": millimetres})
    said = text_of(live)
    classes = ("severe acute malnutrition", "moderate acute malnutrition", "no wasting by arm")
    assert [one for one in classes if one in said] == [word]


# ---- what may not be left out --------------------------------------------------------------------------------------


def test_a_child_is_not_sent_on_without_a_weight(desk: Desk, yamen: str) -> None:
    answer = desk.save(yamen, CHILD)
    assert answer.status_code == 422
    assert "Under 12 years a weight is needed. An emergency may go without." in text_of(answer)
    assert desk.readings(yamen) == {}


def test_every_danger_sign_is_asked_and_none_is_answered_beforehand(desk: Desk, yamen: str) -> None:
    page = desk.client.get(f"/triage/{yamen}").get_data(as_text=True)
    assert not re.search(r'name="(drowsy|stiff_neck)"[^>]*checked', page)
    left = {name: answer for name, answer in CHILD.items() if name not in {"drowsy", "stiff_neck"}}
    answer = desk.save(yamen, {**left, "weight": "14.2"})
    assert answer.status_code == 422
    assert "Danger signs not asked yet: 2. An emergency may go without." in text_of(answer)


def test_an_emergency_goes_at_once_with_nothing_measured(desk: Desk, yamen: str) -> None:
    assert desk.save(yamen, {"priority": "EMERGENCY"}).status_code == 303
    assert desk.row(yamen).state is PlaceState.DONE
    with desk.app.app_context():
        assert queries.board(desk.evening.doctor, desk.evening.points["PED"])[0].priority is Priority.EMERGENCY


def test_nobody_else_is_sent_on_with_nothing_measured(desk: Desk) -> None:
    key = desk.arrive("GP")
    answer = desk.save(key, {"priority": "ROUTINE"})
    assert answer.status_code == 422
    assert "Nothing is measured yet." in text_of(answer)


def test_a_grown_person_is_asked_for_no_weight_and_no_danger_signs(desk: Desk) -> None:
    key = desk.arrive("GP")
    page = text_of(desk.client.get(f"/triage/{key}"))
    assert "Danger signs" not in page
    assert desk.save(key, {"pulse": "72"}).status_code == 303


def test_what_this_age_is_not_asked_is_not_taken_either(desk: Desk) -> None:
    key = desk.arrive("GP")
    assert desk.save(key, {"pulse": "72", "arm": "114", "drowsy": "yes", "head": "40"}).status_code == 303
    assert desk.readings(key) == {"PULSE": 72}


# ---- allergies and pregnancy on the same page ----------------------------------------------------------------------


def test_no_known_allergy_is_recorded_with_the_sheet(desk: Desk) -> None:
    key = desk.arrive("GP")
    assert desk.save(key, {"pulse": "72", "allergy": "ABSENT"}).status_code == 303
    assert desk.count(AllergyAnswer) == 1
    assert "None known" in text_of(desk.client.get(f"/triage/{key}"))


def test_an_allergy_is_recorded_with_the_sheet_and_stands_in_the_banner(desk: Desk) -> None:
    key = desk.arrive("GP")
    told = {
        "substance": "بنسلين",
        "severity": "SEVERE",
        "group": "PENICILLIN",
        "told_by": "MOTHER",
        "reaction": "hives",
    }
    assert desk.save(key, {"pulse": "72", "allergy": "PRESENT", **told}).status_code == 303
    page = text_of(desk.client.get(f"/triage/{key}"))
    assert "بنسلين: hives" in page
    assert "severe, the mother, 11.2026" in page


def test_an_allergy_of_which_it_is_not_said_to_what_is_refused_and_nothing_is_saved(desk: Desk) -> None:
    key = desk.arrive("GP")
    answer = desk.save(key, {"pulse": "72", "allergy": "PRESENT", "reaction": "hives"})
    assert answer.status_code == 422
    assert "Allergic to: An answer is needed here." in text_of(answer)
    assert desk.readings(key) == {}
    assert desk.count(Allergy) == 0


def test_a_refused_allergy_keeps_the_measurements_from_being_saved_alone(desk: Desk) -> None:
    key = desk.arrive("GP")
    told = {"allergy": "PRESENT", "substance": "egg", "severity": "MILD"}
    desk.save(key, {"pulse": "72", **told})
    answer = desk.save(key, {"pulse": "90", "substance": "Egg", "severity": "MILD"})
    assert answer.status_code == 409
    assert "An allergy to Egg is on file already." in text_of(answer)
    assert desk.readings(key) == {"PULSE": 72}


def test_an_allergy_that_proved_wrong_is_ended_with_a_reason(desk: Desk) -> None:
    key = desk.arrive("GP")
    with desk.app.app_context():
        place = queries.get_place(desk.evening.nurse, key)
        with transaction() as session:
            chart.record_allergy(desk.evening.nurse, place.patient_id, substance="egg", severity=Severity.MILD)
            allergy = session.scalars(select(Allergy)).one().key
    page = f"/triage/{key}/allergy/{allergy}"
    assert page in desk.client.get(f"/triage/{key}").get_data(as_text=True)
    for because in (" ", "x" * 201):
        assert desk.client.submit(page, {"because": because}, to=page).status_code == 422
    assert desk.client.submit(page, {"because": "another child's"}, to=page).location == f"/triage/{key}"
    with desk.app.app_context():
        assert db.session.scalars(select(Allergy.ended_because)).all() == ["another child's"]
    assert desk.client.get(page).status_code == 404


@pytest.fixture
def amal(desk: Desk) -> str:
    return desk.arrive("GYN", sex=Sex.FEMALE, birth_year=1999)


def test_a_woman_may_be_asked_whether_she_is_pregnant_and_need_not_be(desk: Desk, amal: str) -> None:
    assert "Pregnant" in text_of(desk.client.get(f"/triage/{amal}"))
    assert desk.save(amal, {"pulse": "72"}).status_code == 303
    assert desk.count(Pregnancy) + desk.count(PregnancyAnswer) == 0


def test_not_pregnant_is_an_answer(desk: Desk, amal: str) -> None:
    assert desk.save(amal, {"pulse": "72", "pregnancy": "ABSENT"}).status_code == 303
    assert "Not pregnant" in text_of(desk.client.get(f"/triage/{amal}"))


def test_scenario_18_a_pregnancy_is_recorded_by_its_last_period(desk: Desk, amal: str) -> None:
    assert desk.save(amal, {"pulse": "72", "pregnancy": "PRESENT", "lmp_on": "14.04.2026"}).status_code == 303
    page = text_of(desk.client.get(f"/triage/{amal}"))
    assert "32 weeks + 0 days" in page
    assert "due 19.01.2027, by last period" in page


@pytest.mark.parametrize(
    ("lmp_on", "words"),
    [
        ("25.11.2026", "That day is still to come."),
        ("24.12.2025", "Is the pregnancy over, or is the date another?"),
        ("", "Write the last period or the due date."),
        ("31.04.2026", "31.04.2026 is in no calendar."),
    ],
)
def test_scenario_20_dates_that_cannot_be_are_refused_with_all_that_came_with_them(
    desk: Desk, amal: str, lmp_on: str, words: str
) -> None:
    answer = desk.save(amal, {"pulse": "72", "pregnancy": "PRESENT", "lmp_on": lmp_on})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert value_of(answer, "lmp_on") == lmp_on
    assert desk.readings(amal) == {}


def test_scenario_20_a_pregnancy_beyond_its_term_is_recorded_once_it_was_asked_about(desk: Desk, amal: str) -> None:
    told = {"pulse": "72", "pregnancy": "PRESENT", "lmp_on": "24.12.2025", "is_sure": "y"}
    assert desk.save(amal, told).status_code == 303
    assert desk.count(Pregnancy) == 1


def test_scenario_20_a_man_and_a_girl_are_not_asked(desk: Desk, yamen: str) -> None:
    man = desk.arrive("GP")
    girl = desk.arrive(sex=Sex.FEMALE, birth_year=2019)
    for key in (man, girl, yamen):
        assert "Pregnant" not in text_of(desk.client.get(f"/triage/{key}"))
    desk.save(man, {"pulse": "72", "pregnancy": "PRESENT", "lmp_on": "14.04.2026"})
    assert desk.count(Pregnancy) == 0


def test_a_pregnancy_that_is_over_is_ended_on_its_day(desk: Desk, amal: str) -> None:
    with desk.app.app_context():
        place = queries.get_place(desk.evening.nurse, amal)
        with transaction():
            chart.record_pregnancy(
                desk.evening.nurse, place.patient_id, source=PregnancySource.LMP, lmp_on=date(2026, 2, 24)
            )
    page = f"/triage/{amal}/pregnancy"
    assert page in desk.client.get(f"/triage/{amal}").get_data(as_text=True)
    assert desk.client.submit(page, {"ended_on": "25.11.2026"}, to=page).status_code == 422
    assert desk.client.submit(page, {"ended_on": "20.11.2026"}, to=page).status_code == 303
    assert "ended 20.11.2026" in text_of(desk.client.get(f"/triage/{amal}"))


def test_a_pregnant_womans_pressure_is_judged_by_her_pregnancy(desk: Desk, amal: str) -> None:
    form = {"systolic": "150", "diastolic": "100", "pregnancy": "PRESENT", "lmp_on": "14.04.2026"}
    live = desk.client.post(f"/triage/{amal}/reading", data=_sheet_form(desk, amal) | form)
    assert "Suggested: Priority" in text_of(live)
    assert "NEWS2" not in text_of(live)


# ---- corrections ---------------------------------------------------------------------------------------------------


@pytest.fixture
def measured(desk: Desk, yamen: str) -> str:
    with desk.app.app_context():
        place = queries.get_place(desk.evening.nurse, yamen)
        with transaction():
            services.record_vitals(
                desk.evening.nurse,
                place.visit_id,
                {Vital.WEIGHT: 142_000, Vital.OEDEMA: 1, DangerSign.DROWSY: 1},
            )
    return yamen


def test_a_correction_stands_beside_what_it_corrects(desk: Desk, measured: str) -> None:
    page = f"/triage/{measured}/correct/weight"
    assert "142 kg" in text_of(desk.client.get(page))
    answer = desk.client.submit(page, {"value": "14,2", "reason": "point forgotten"}, to=page)
    assert answer.location == f"/triage/{measured}"
    shown = desk.client.get(f"/triage/{measured}")
    assert "<s>142\u00a0kg</s>" in shown.get_data(as_text=True)
    assert "14.2 kg 18:40 · Derya Yalın · point forgotten" in text_of(shown)
    assert desk.readings(measured)["WEIGHT"] == 14_200


@pytest.mark.parametrize(("kind", "value"), [("drowsy", "0"), ("oedema", "0")])
def test_an_answer_is_corrected_by_an_answer(desk: Desk, measured: str, kind: str, value: str) -> None:
    page = f"/triage/{measured}/correct/{kind}"
    assert desk.client.submit(page, {"answer": value, "reason": "asked again"}, to=page).status_code == 303
    assert desk.readings(measured)[kind.upper()] == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"value": "14.2"}, "Why: An answer is needed here."),
        ({"value": "", "reason": "slip"}, "It should be: An answer is needed here."),
        ({"value": "1420", "reason": "slip"}, "1,420 cannot be."),
        ({"value": "x", "reason": "slip"}, "x is not a number."),
    ],
)
def test_a_correction_that_cannot_be_is_refused(desk: Desk, measured: str, typed: dict[str, str], words: str) -> None:
    page = f"/triage/{measured}/correct/weight"
    answer = desk.client.submit(page, typed, to=page)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert desk.readings(measured)["WEIGHT"] == 142_000


def test_a_value_that_a_colleague_corrected_meanwhile_is_not_corrected_again(desk: Desk, measured: str) -> None:
    page = f"/triage/{measured}/correct/weight"
    opened = desk.client.get(page)
    form = {name: value_of(opened, name) for name in ("csrf_token", "op", "seen")}
    with desk.app.app_context(), transaction():
        services.correct(desk.evening.doctor, int(form["seen"]), value=14_300, reason="point forgotten")
    answer = desk.client.post(page, data=form | {"value": "14.2", "reason": "point forgotten"})
    assert answer.status_code == 409
    assert "This value was corrected already." in text_of(answer)
    assert desk.readings(measured)["WEIGHT"] == 14_300


def test_a_correction_or_an_end_that_is_sent_twice_acts_once(desk: Desk, measured: str) -> None:
    page = f"/triage/{measured}/correct/weight"
    opened = desk.client.get(page)
    form = {name: value_of(opened, name) for name in ("csrf_token", "op", "seen")}
    for _ in range(2):
        answer = desk.client.post(page, data=form | {"value": "14.2", "reason": "point forgotten"})
        assert answer.location == f"/triage/{measured}"
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).where(Observation.kind == Vital.WEIGHT)) == 3
        patient_id = queries.get_place(desk.evening.nurse, measured).patient_id
        with transaction() as session:
            chart.record_allergy(desk.evening.nurse, patient_id, substance="egg", severity=Severity.MILD)
            page = f"/triage/{measured}/allergy/{session.scalars(select(Allergy.key)).one()}"
    form = {name: value_of(desk.client.get(page), name) for name in ("csrf_token", "op")}
    for _ in range(2):
        assert desk.client.post(page, data=form | {"because": "another child's"}).location == f"/triage/{measured}"


def test_a_pregnancy_that_a_colleague_ended_meanwhile_is_refused_in_words(desk: Desk, amal: str) -> None:
    page = f"/triage/{amal}/pregnancy"
    with desk.app.app_context():
        patient_id = queries.get_place(desk.evening.nurse, amal).patient_id
        with transaction():
            chart.record_pregnancy(desk.evening.nurse, patient_id, source=PregnancySource.LMP, lmp_on=date(2026, 4, 14))
    form = {name: value_of(desk.client.get(page), name) for name in ("csrf_token", "op")}
    with desk.app.app_context(), transaction():
        chart.end_pregnancy(desk.evening.doctor, patient_id, ended_on=date(2026, 11, 20))
    answer = desk.client.post(page, data=form | {"ended_on": "21.11.2026"})
    assert answer.status_code == 422
    assert "No pregnancy that lasts is on file." in text_of(answer)


@pytest.mark.parametrize("kind", ["pulse", "nothing", "visit"])
def test_what_was_not_measured_cannot_be_corrected(desk: Desk, measured: str, kind: str) -> None:
    assert desk.client.get(f"/triage/{measured}/correct/{kind}").status_code == 404


def test_one_who_was_measured_can_be_measured_again_and_keeps_their_priority(desk: Desk, yamen: str) -> None:
    desk.save(
        yamen, {**CHILD, "weight": "14.2", "temperature": "39.4", "suggested": "PRIORITY", "priority": "PRIORITY"}
    )
    page = desk.client.get(f"/triage/{yamen}")
    assert re.search(r'value="PRIORITY" checked', page.get_data(as_text=True))
    assert "Measured at 18:40." in text_of(page)
    assert desk.save(yamen, {"temperature": "38.1", "priority": "PRIORITY"}).status_code == 303
    assert desk.row(yamen).priority is Priority.PRIORITY
    with desk.app.app_context():
        values = db.session.scalars(select(Observation.value).where(Observation.kind == Vital.TEMPERATURE)).all()
    assert values == [394, 381]


# ---- while it is typed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "below"),
    [
        ("en", "14.09: 14.2 kg (71 d)"),
        ("tr", "14.09.: 14,2 kg (71 gün)"),
        ("ar", "14.09: \u206814.2 كغ\u2069"),
    ],
)
def test_below_a_name_stands_what_it_was_last_and_when(desk: Desk, yamen: str, language: str, below: str) -> None:
    sign_in(desk.client, desk.evening.nurse, language=language)
    assert below in text_of(desk.client.get(f"/triage/{yamen}"))


def test_a_weight_of_an_earlier_year_names_the_year(desk: Desk) -> None:
    key = desk.arrive("GP")
    with desk.app.app_context():
        patient_id = queries.get_place(desk.evening.nurse, key).patient_id
        with clock.frozen(EVENING - timedelta(days=400)), transaction() as session:
            visit = Visit(
                site_id=desk.evening.nurse.site_id,
                patient_id=patient_id,
                day=clock.today(),
                number=9,
                reason=VisitReason.FOLLOW_UP,
                arrived_at=clock.now(),
                checked_in_by_id=desk.evening.nurse.user_id,
                language="ar",
                closed_at=clock.now(),
            )
            session.add(visit)
            session.flush()
            services.record_vitals(desk.evening.nurse, visit.id, {Vital.WEIGHT: 80_000})
    assert "20.10.2025: 80 kg (400 d)" in text_of(desk.client.get(f"/triage/{key}"))


def test_a_reading_says_how_each_value_stands_and_writes_nothing(desk: Desk, yamen: str) -> None:
    form = _sheet_form(desk, yamen) | {"weight": "142", "temperature": "39,4", "pulse": "110", "oxygen": "x"}
    with count_statements(desk.app) as statements:
        answer = desk.client.post(f"/triage/{yamen}/reading", data=form)
    page, said = answer.get_data(as_text=True), text_of(answer)
    assert answer.status_code == 200
    assert "10 times the last value." in said
    assert "Did you mean 14.2 kg?" in said
    assert "high" in said
    assert "normal" in said
    assert "x is not a number." in said
    assert page.count('hx-swap-oob="true"') > 10
    assert 'name="weight"' not in page
    assert not any(statement.startswith(("INSERT", "UPDATE")) for statement in statements)


def test_a_sheet_costs_fourteen_statements_at_most(desk: Desk, amal: str) -> None:
    desk.arrive("GP")
    desk.client.get(f"/triage/{amal}")
    with count_statements(desk.app) as statements:
        assert desk.client.get(f"/triage/{amal}").status_code == 200
    assert len(statements) <= 14


def test_a_whole_sheet_is_saved_in_twenty_four_statements_at_most(desk: Desk, yamen: str) -> None:
    form = _sheet_form(desk, yamen) | CHILD | {"weight": "14.2", "arm": "151", "height": "94.5"}
    with count_statements(desk.app) as statements:
        assert desk.client.post(f"/triage/{yamen}", data=form).status_code == 303
    assert len(statements) <= 24
    assert sum(statement.startswith("INSERT INTO observation") for statement in statements) == 1


def test_an_opened_sheet_is_on_record_with_the_person(desk: Desk, amal: str) -> None:
    desk.client.get(f"/triage/{amal}")
    with desk.app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.table_name == "CHART")).one()
        assert (event.act, event.actor_id) == ("READ", desk.evening.nurse.user_id)
        assert event.row_key == queries.get_place(desk.evening.nurse, amal).patient_key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("tr", ["Vital bulgular", "14,2 kg mi demek istediniz?", "Yazdığınız duruyor"]),
        ("ar", ["العلامات الحيوية", "هل تقصد", "ما كتبته باقٍ"]),
    ],
)
def test_the_sheet_speaks_the_nurses_language(desk: Desk, yamen: str, language: str, words: list[str]) -> None:
    sign_in(desk.client, desk.evening.nurse, language=language)
    page = text_of(desk.save(yamen, {**CHILD, "weight": "142"}))
    for word in words:
        assert word in page


# ---- what the nurse begins of the doctor's note --------------------------------------------------------------------


def test_the_nurse_begins_the_doctors_note_on_the_sheet_and_finds_it_there_again(desk: Desk) -> None:
    key = desk.arrive(born=YAMEN)
    begun = {"complaint": "Fever since Sunday", "history": "Well before"}
    assert desk.save(key, {**CHILD, "weight": "14,2", **begun}).status_code == 303
    page = desk.client.get(f"/triage/{key}")
    assert all(words in text_of(page) for words in begun.values())
    with desk.app.app_context():
        [one] = queries.list_begun(desk.row(key).visit_id)
        assert one.parts == {BegunKind.COMPLAINT: "Fever since Sunday", BegunKind.HISTORY: "Well before"}
        site = db.session.get_one(Site, desk.evening.nurse.site_id)
        colleague = scope_of(create_user(site, Role.NURSE))
    sign_in(desk.client, colleague)
    assert "Fever since Sunday" in text_of(desk.client.get(f"/triage/{key}"))
    desk.save(key, {"complaint": "Rash on the arms"})
    with desk.app.app_context():
        assert [one.parts[BegunKind.COMPLAINT] for one in queries.list_begun(desk.row(key).visit_id)] == [
            "Fever since Sunday",
            "Rash on the arms",
        ]


def test_what_is_begun_too_late_is_refused_and_stays_on_the_sheet(desk: Desk) -> None:
    key = desk.arrive(born=YAMEN)
    desk.save(key, {**CHILD, "weight": "14,2"})
    with desk.app.app_context(), transaction():
        services.finish(desk.evening.doctor, desk.place(desk.row(key).visit_id, "PED").key)
    answer = desk.save(key, {"complaint": "Fever since Sunday"})
    assert answer.status_code == 409
    assert "waits for no doctor any more" in text_of(answer)
    assert "Fever since Sunday" in text_of(answer)


def test_whoever_comes_for_no_doctor_has_no_note_to_begin(desk: Desk) -> None:
    with desk.app.app_context():
        evening = desk.evening
        visit = create_visit(evening.registrar, create_patient(evening.registrar).id, evening.points["PHARMACY"])
        with transaction():
            services.open_place(evening.nurse, visit.id, evening.points["TRIAGE"])
        key = desk.place(visit.id, "TRIAGE").key
    assert "For the doctor" not in text_of(desk.client.get(f"/triage/{key}"))
