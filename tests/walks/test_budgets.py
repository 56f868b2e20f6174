"""Every page x its budget of SQL statements, the same with one row as with thirty."""

from flask import Flask

from clinic.auth.roles import Role
from tests.statements import count_statements
from tests.walks.addresses import Address, list_addresses
from tests.walks.growth import grow
from tests.walks.test_routes import those_who_may
from tests.walks.visitor import Visitor
from tests.walks.world import House, open_world

LIST, CHART = 8, 14
# At the counter a chart is read, lots are planned and labels written on one page; a batch stands with its strip.
COUNTER = {"handovers.batch": 10, "pharmacy.handout": 10, "pharmacy.prescription": 14}
# Pages that show a chart; every other page is a list, a board, a search or a form.
CHARTS = {
    "consultations.desk",
    "consultations.note",
    "consultations.nursing",
    "consultations.tests",
    "nursing.contacts",
    "triage.correct",
    "triage.end_allergy",
    "triage.end_pregnancy",
    "triage.person",
}


def test_no_page_costs_more_than_its_budget_nor_more_with_more_rows(app: Flask) -> None:
    with app.app_context():
        house = open_world().here
    few = {visit: cost(app, house, *visit) for visit in visits(house)}
    with app.app_context():
        grow(house)
    many = {visit: cost(app, house, *visit) for visit in visits(house)}
    beyond = {
        f"{page.rule} as {role}": len(statements)
        for found in (few, many)
        for (page, path, role), (first, again) in found.items()
        for statements in (max(first, again, key=len),)
        if len(statements) > COUNTER.get(page.endpoint, CHART if page.endpoint in CHARTS else LIST)
    }
    assert beyond == {}
    growing = {
        f"{page.rule} as {role}": (len(again), len(many[page, path, role][1]))
        for (page, path, role), (_, again) in few.items()
        if len(many[page, path, role][1]) != len(again)
    }
    assert growing == {}


def visits(house: House) -> list[tuple[Address, str, Role]]:
    """Return every page with every role that may open it."""
    return [
        (page, path, role)
        for page in list_addresses()
        if page.method == "GET"
        for path in page.all_at(house)
        for role in sorted(those_who_may(page))
    ]


def cost(app: Flask, house: House, page: Address, path: str, role: Role) -> tuple[list[str], list[str]]:
    """Return the statements of a first and of a second visit: a first look may go on record once an evening."""
    visitor, told = Visitor(app, house.staff[role]), []
    for _ in range(2):
        with count_statements(app) as statements:
            assert visitor.go(page, path).status_code < 400, (path, role)
        told.append(list(statements))
    return told[0], told[1]
