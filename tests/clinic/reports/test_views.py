from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import text

from clinic.auth.roles import Role
from clinic.consultations.rules import CaseType, State
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.patients.rules import BirthPrecision, LegalStatus, Sex
from clinic.reports import queries
from clinic.reports.rules import Month, Tally
from clinic.visits import services as visits
from tests.clinic.evening.scenes import create_note
from tests.clinic.reports.months import nurse, see
from tests.factories import create_clinic, create_patient, create_user, create_visit, point_of, scope_of, sign_in

NOVEMBER = Month(2026, 11)
DAY = date(2026, 11, 3)


def _arrange() -> tuple[Scope, Scope]:
    """Return a manager and a doctor of one clinic; beside it another clinic that was busy on the same days."""
    site, elsewhere = create_clinic(), create_clinic()
    noise = scope_of(create_user(elsewhere, Role.DOCTOR))
    for back in range(3):
        see(noise, create_patient(noise).id, DAY + timedelta(days=back))
    return scope_of(create_user(site, Role.MANAGER)), scope_of(create_user(site, Role.DOCTOR))


def _crowd(doctor: Scope, size: int) -> None:
    """Let people of every kind come on days of October to December, the same every time."""
    chance = Random(7)  # noqa: S311 - the same crowd every time
    for number in range(size):
        year = chance.choice([None, 1950, 1990, 2010, 2019, 2024])
        person = create_patient(
            doctor,
            sex=chance.choice(list(Sex)),
            birth_year=year,
            birth_month=None,
            birth_day=None,
            birth_precision=BirthPrecision.YEAR if year else BirthPrecision.UNKNOWN,
            nationality=chance.choice(["SY", "TR", "IQ", ""]),
            legal_status=chance.choice(list(LegalStatus)),
        )
        for _ in range(chance.choice([1, 1, 2])):
            see(
                doctor,
                person.id,
                date(2026, 10, 20) + timedelta(days=chance.randrange(50)),
                chance.choice(["GP", "PED", "INT"]),
                case=chance.choice([CaseType.NEW, CaseType.FOLLOW_UP, None]),
                at=(chance.choice([16, 17, 20, 21]), number % 60),
                state=chance.choice([State.SIGNED] * 5 + [State.OPEN, State.ABANDONED]),
            )


# every figure of the report a second time, in plain SQL and by counting rows
_PLAIN = """
    SELECT c.specialty_code, p.sex, p.birth_year, d.case_type, p.nationality, p.legal_status, v.day, v.id, p.id
    FROM consultation c JOIN visit v ON v.id = c.visit_id JOIN patient p ON p.id = c.patient_id
    LEFT JOIN diagnosis d ON d.consultation_id = c.id AND d.position = 1
    WHERE c.site_id = :site AND c.state = 'SIGNED' AND v.day BETWEEN '2026-11-01' AND '2026-11-30'
"""


def _plain_band(born: int | None, on: str) -> str:
    if born is None:
        return "UNKNOWN"
    years = int(str(on)[:4]) - born
    return "0-4" if years < 5 else "5-11" if years < 12 else "12-17" if years < 18 else "18-59" if years < 60 else "60"


def _plain_group(nationality: str, status: str) -> str:
    if nationality:
        return {"SY": "SYRIAN", "TR": "HOST"}.get(nationality, "OTHER")
    return {"CITIZEN": "HOST", "TEMPORARY_PROTECTION": "SYRIAN"}.get(status, "UNKNOWN")


@pytest.mark.postgres
def test_every_figure_is_the_same_counted_in_plain_sql(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _crowd(doctor, 60)
        _merge_some(doctor)
        rows = db.session.execute(text(_PLAIN), {"site": doctor.site_id}).all()
        tally = Tally(queries.list_consultations(manager, NOVEMBER))
        assert tally.total == len(rows) > 30
        assert tally.cells == Counter(
            (code, sex, _plain_band(born, day), case or "NOT_STATED", _plain_group(nationality, status))
            for code, sex, born, case, nationality, status, day, _, _ in rows
        )
        assert tally.persons() == len({_plain_survivor(row[-1]) for row in rows})
        assert tally.visits == len({row[-2] for row in rows})
        again = queries.get_beside(manager, NOVEMBER)
        assert sum(again.counted_again.values()) == len(rows)
        counts = "SELECT count(*) FROM consultation c JOIN visit v ON v.id = c.visit_id WHERE c.site_id = :site AND"
        month = "v.day BETWEEN '2026-11-01' AND '2026-11-30' AND c.state"
        for state, found in (("OPEN", again.still_open), ("ABANDONED", again.abandoned)):
            assert db.session.scalar(text(f"{counts} {month} = '{state}'"), {"site": doctor.site_id}) == found > 0
        contacts = (
            "SELECT c.patient_id, v.day FROM consultation c JOIN visit v ON v.id = c.visit_id"
            " WHERE v.site_id = :site AND c.state = 'SIGNED' UNION ALL SELECT n.patient_id, v.day"
            " FROM nursing_contact n JOIN visit v ON v.id = n.visit_id WHERE v.site_id = :site"
        )
        days: dict[int, list[str]] = {}
        for record, day in db.session.execute(text(contacts), {"site": doctor.site_id}):
            days.setdefault(_plain_survivor(record), []).append(str(day))
        served = [each for each in days.values() if any(day[:7] == "2026-11" for day in each)]
        assert again.persons == len(served) > tally.persons()
        assert again.new_persons == sum(min(each) >= "2026-11-01" for each in served)
        assert 0 < again.new_persons < again.persons


def _merge_some(doctor: Scope) -> None:
    """Merge the first nine records three by three, in chains, and let nurses see some people no doctor saw."""
    records = db.session.scalars(
        text("SELECT id FROM patient WHERE site_id = :site ORDER BY id LIMIT 9"), {"site": doctor.site_id}
    ).all()
    with transaction() as session:
        for first, second, third in (records[:3], records[3:6], records[6:9]):
            session.get_one(Patient, third).survivor_id = second
            session.get_one(Patient, second).survivor_id = first
    for on in (DAY, date(2026, 10, 30)):
        nurse(doctor, create_patient(doctor).id, on)
        nurse(doctor, records[-1], on)


def _plain_survivor(record: int) -> int:
    while (
        above := db.session.scalar(text("SELECT survivor_id FROM patient WHERE id = :id"), {"id": record})
    ) is not None:
        record = above
    return record


@pytest.mark.postgres
def test_merged_records_are_one_person_and_none_new_who_came_before_under_the_other(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        first, second = create_patient(doctor).id, create_patient(doctor).id
        see(doctor, first, date(2026, 10, 30))
        see(doctor, first, DAY)
        see(doctor, second, DAY)
        assert Tally(queries.list_consultations(manager, NOVEMBER)).persons() == 2
        assert queries.get_beside(manager, NOVEMBER).new_persons == 1
        with transaction() as session:
            session.get_one(Patient, second).survivor_id = first
        assert Tally(queries.list_consultations(manager, NOVEMBER)).persons() == 1
        assert queries.get_beside(manager, NOVEMBER).new_persons == 0


@pytest.mark.postgres
def test_a_record_merged_twice_leads_to_the_last_survivor(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        chain = [create_patient(doctor).id for _ in range(3)]
        for record in chain:
            see(doctor, record, DAY)
        with transaction() as session:
            for record, survivor in pairwise(chain):
                session.get_one(Patient, record).survivor_id = survivor
        assert Tally(queries.list_consultations(manager, NOVEMBER)).persons() == 1
        again = queries.get_beside(manager, NOVEMBER)
        assert (again.persons, again.new_persons) == (1, 1)


@pytest.mark.postgres
def test_whoever_a_nurse_saw_before_is_not_new_and_whoever_only_a_nurse_saw_is_served(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        known, newcomer, nursed = (create_patient(doctor).id for _ in range(3))
        nurse(doctor, known, date(2026, 10, 30))
        see(doctor, known, DAY)
        see(doctor, newcomer, DAY)
        nurse(doctor, nursed, DAY)
        found = queries.get_beside(manager, NOVEMBER)
        assert (found.persons, found.new_persons) == (3, 2)


@pytest.mark.postgres
def test_whoever_left_is_unseen_only_where_no_note_was_begun(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        gp = point_of(doctor.site_id, "GP")
        unseen, abandoned, elsewhere = (create_visit(doctor, create_patient(doctor).id, gp) for _ in range(3))
        with transaction() as session:
            for visit, code in ((abandoned, "GP"), (elsewhere, "INT")):
                note = create_note(doctor, visit, code)
                note.state, note.abandoned_because = State.ABANDONED, "left"
                session.add(note)
        for visit in (unseen, abandoned, elsewhere):
            with transaction():
                visits.leave(doctor, visits.open_place(doctor, visit.id, gp), has_said_so=True)
        found = queries.get_beside(manager, NOVEMBER)
        assert (found.left_unseen, found.abandoned) == (2, 2)


def test_age_is_that_of_the_visit_and_hours_are_those_of_arrival(app: Flask) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        five_on_the_tenth = {"birth_year": 2021, "birth_month": 11, "birth_day": 10}
        child = create_patient(doctor, birth_precision=BirthPrecision.DAY, **five_on_the_tenth).id
        see(doctor, child, date(2026, 11, 9), at=(20, 59))
        see(doctor, child, date(2026, 11, 10), at=(21, 0))
        found = queries.list_consultations(manager, NOVEMBER)
        assert [(one.band.value, one.is_in_hours) for one in found] == [("0-4", True), ("5-11", False)]


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_month_shows_its_figures_each_opening_its_rows(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        for number in range(60):
            see(doctor, create_patient(doctor).id, DAY, case=CaseType.NEW if number else None)
    sign_in(client, manager)
    assert client.get("/reports").location.endswith("/reports/consultations/2026-11")
    page = _page(client, "/reports/consultations/2026-11")
    assert "all hold" in page
    assert "On 1 clinician-day 50 or more were seen." in page
    assert "rows?specialty=GP&amp;case=NOT_STATED" in page
    rows = _page(client, "/reports/consultations/2026-11/rows?specialty=GP&case=NEW")
    assert "59 consultations" in rows
    assert rows.count("<tr>") == 1 + 50
    rest = _page(client, "/reports/consultations/2026-11/rows?specialty=GP&case=NEW&from=50")
    assert rest.count("<tr>") == 1 + 9
    assert "Al-Hariri" not in page + rows + rest
    assert "1 consultation" in _page(client, "/reports/consultations/2026-11/rows?case=NOT_STATED")
    assert "Nothing is counted here." in _page(client, "/reports/consultations/2026-11/rows?sex=nobody&from=x")


def test_a_month_before_anybody_came_is_zero(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, _ = _arrange()
    sign_in(client, manager)
    assert "all hold" in _page(client, "/reports/consultations/2015-02")
    assert client.get("/reports/consultations/2015-13").status_code == 404


def test_the_spreadsheet_holds_numbers_checks_and_definitions_and_no_formula(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _crowd(doctor, 30)
        total = Tally(queries.list_consultations(manager, NOVEMBER)).total
    sign_in(client, manager, language="ar")
    answer = client.get("/reports/consultations/2026-11.xlsx")
    book = load_workbook(BytesIO(answer.data))
    assert len(book.sheetnames) == 7
    ages, every = book.worksheets[0], book.worksheets[2]
    assert ages.sheet_view.rightToLeft
    assert ages.cell(ages.max_row, 15).value == total
    assert sum(row[-1].value for row in every.iter_rows(min_row=2)) == total
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    with app.app_context():
        acts = db.session.scalars(text("SELECT act FROM audit_event WHERE table_name = 'report' ORDER BY id")).all()
    assert "EXPORT" in acts


@pytest.mark.parametrize(("language", "words"), [("en", "Consultations"), ("tr", "Muayeneler"), ("ar", "المعاينات")])
def test_the_paper_says_which_report_it_is_on_every_page(
    app: Flask, client: FlaskClient, language: str, words: str
) -> None:
    with app.app_context():
        manager, doctor = _arrange()
        _crowd(doctor, 30)
    sign_in(client, manager, language=language)
    pages = PdfReader(BytesIO(client.get("/reports/consultations/2026-11.pdf").data)).pages
    told = [page.extract_text() for page in pages]
    assert all("R1 S" in page and f"{number} / {len(pages)}" in page for number, page in enumerate(told, 1))
    assert words in told[0]
