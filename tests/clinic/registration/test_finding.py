"""One box: scenarios 1 and 3 of the registrar's acceptance, and what a search must never tell."""

import re

import pytest
from sqlalchemy import func, select

from clinic.auth.roles import Role
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db
from clinic.visits.models import QueuePlace, Visit
from tests.clinic.registration.conftest import Desk
from tests.statements import count_statements

HARIRI = {"other_spelling": "Mohammed Al-Hariri", "father": "خليل", "born": "04.03.1985", "phone": "+905410002285"}


def names_on(page: str) -> list[str]:
    """Return the keys of the list of results, in order."""
    return re.findall(r'href="/registration/([^"?/]+)\?found=[^"]+" data-item', page)


def search(desk: Desk, words: str) -> tuple[str, str]:
    """Look for `words` and return where that leads and the page there."""
    answer = desk.client.submit("/registration", {"words": words}, to="/registration/search")
    assert answer.status_code == 303
    return answer.location, desk.client.get(answer.location).get_data(as_text=True)


def test_a_known_number_leads_to_the_person_and_enter_gives_the_number(desk: Desk) -> None:
    key = desk.register("محمد", "الحريري", **HARIRI, numbers=("99123456740",))
    place, page = search(desk, "99123456740")
    assert place.startswith(f"/registration/{key}?found=")
    assert '<form method="post" action="/registration/' + key in page
    assert re.search(r'<button class="btn btn-primary[^>]*form="checkin"', page)


@pytest.mark.parametrize("words", ["محمد الحريري", "Mhmd Hariri", "hariri mohamed"])
def test_each_spelling_finds_the_person_among_the_first_five(desk: Desk, words: str) -> None:
    key = desk.register("محمد", "الحريري", **HARIRI)
    desk.register("محمد خير", "الحريري", father="عدنان", other_spelling="Mohamad Kheir Hariri", born="1997")
    place, page = search(desk, words)
    assert place.startswith("/registration/found/")
    assert key in names_on(page)[:5]


def test_words_and_names_never_stand_in_an_address(desk: Desk) -> None:
    desk.register("محمد", "الحريري", **HARIRI)
    place, page = search(desk, "hariri mohamed")
    assert "hariri" not in place.casefold()
    assert "hariri" not in " ".join(re.findall(r'(?:href|action)="([^"]*)"', page)).casefold()


def test_a_search_opened_again_shows_the_same_and_nobody_else_s_session_finds_it(desk: Desk) -> None:
    key = desk.register("محمد", "الحريري", **HARIRI)
    place, _ = search(desk, "hariri mohamed")
    assert names_on(desk.client.get(place).get_data(as_text=True)) == [key]
    desk.sign_in(Role.REGISTRAR)
    assert names_on(desk.client.get(place).get_data(as_text=True)) == []


def test_numbers_are_masked_in_the_list(desk: Desk) -> None:
    desk.register("محمد", "الحريري", **HARIRI, numbers=("99123456740",))
    _, page = search(desk, "hariri mohamed")
    assert "99••• 6740" in page
    assert "99123456740" not in page
    assert "0541 ••• 22 85" in page


def test_who_was_shown_is_on_the_record(desk: Desk) -> None:
    key = desk.register("محمد", "الحريري", **HARIRI)
    search(desk, "hariri mohamed")
    with desk.app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.table_name == "SEARCH")).one()
        assert (event.act, event.actor_id, event.detail) == ("READ", desk.scope.user_id, {"people": [key]})


def test_people_of_another_organisation_are_neither_found_nor_opened(desk: Desk) -> None:
    key = desk.register_elsewhere("محمد", "الحريري", **HARIRI, numbers=("99123456740",))
    for words in ("محمد الحريري", "99123456740", "0541 000 22 85"):
        _, page = search(desk, words)
        assert names_on(page) == []
        assert "Nobody on file has this name or number." in page
    for path in ("", "/record", "/family"):
        assert desk.client.get(f"/registration/{key}{path}").status_code == 404


def test_markup_in_a_name_stays_text(desk: Desk) -> None:
    evil = "<img src=x onerror=alert(1)>"
    key = desk.register(evil, "\"'</script>", father="{{ 7 * 7 }}", district=evil)
    _, page = search(desk, "img src")
    assert key in names_on(page)
    for shown in (page, desk.client.get(f"/registration/{key}").get_data(as_text=True)):
        assert "<img" not in shown
        assert "&lt;" in shown
        assert "{{ 7 * 7 }}" in shown


def test_nothing_typed_finds_nothing_and_asks_nothing(desk: Desk) -> None:
    answer = desk.client.submit("/registration", {"words": "  "}, to="/registration/search")
    assert (answer.status_code, answer.location) == (303, "/registration")
    long = desk.client.submit("/registration", {"words": "x" * 500}, to="/registration/search")
    assert (long.status_code, long.location) == (303, "/registration")


def test_without_a_script_the_list_and_the_person_are_plain_pages_and_with_htmx_the_address_follows(desk: Desk) -> None:
    desk.register("محمد", "الحريري", **HARIRI)
    place, page = search(desk, "hariri mohamed")
    assert "<html" in page
    piece = desk.client.get(place, headers={"HX-Request": "true"})
    assert piece.headers["HX-Replace-Url"] == place
    assert 'id="desk"' in piece.get_data(as_text=True)


def test_the_page_of_a_search_costs_at_most_eight_statements_whatever_it_finds(desk: Desk) -> None:
    costs = []
    for count in (1, 20):
        for _ in range(count):
            desk.register("محمد", "الحريري", **HARIRI)
        place, page = search(desk, "hariri mohamed")
        chosen = re.findall(r'href="([^"]+)" data-item', page)[0].replace("&amp;", "&")
        for path in (place, chosen, "/registration"):
            with count_statements(desk.app) as told:
                assert desk.client.get(path).status_code == 200
            costs.append(len(told))
    assert max(costs) <= 8
    assert costs[:3] == costs[3:]


def test_looking_up_costs_at_most_eight_statements(desk: Desk) -> None:
    desk.register("محمد", "الحريري", **HARIRI)
    form = desk.client.get("/registration").get_data(as_text=True)
    token = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', form)[-1]
    for words in ("hariri mohamed", "محمد", "0541 000 22 85", "Hariri Nobody Else"):
        with count_statements(desk.app) as told:
            answer = desk.client.post("/registration/search", data={"words": words, "csrf_token": token, "op": "op"})
        assert answer.status_code == 303
        assert len(told) <= 8


def test_a_nurse_searches_and_others_do_not(desk: Desk) -> None:
    desk.sign_in(Role.NURSE)
    page = desk.client.get("/registration")
    assert page.status_code == 200
    assert "/registration/new" not in page.get_data(as_text=True)
    assert desk.client.get("/registration/new").status_code == 403
    for role in (Role.DOCTOR, Role.PHARMACIST, Role.INTERPRETER, Role.MANAGER, Role.ADMINISTRATOR):
        desk.sign_in(role)
        assert desk.client.get("/registration").status_code == 403


def test_the_registrar_sees_nothing_clinical_of_a_person(desk: Desk) -> None:
    key = desk.register("محمد", "الحريري", **HARIRI)
    page = desk.client.get(f"/registration/{key}").get_data(as_text=True)
    for word in ("Allergy", "Pregnan", "Diagnos", "Weight"):
        assert word not in page


def test_tonight_counts_who_waits_where(desk: Desk) -> None:
    for name in ("Rashid", "Khaled"):
        key = desk.register(name)
        desk.client.submit(
            f"/registration/{key}",
            {"point": desk.point("PED"), "why": "NEW_PROBLEM"},
            to=f"/registration/{key}/check-in",
        )
    page = desk.client.get("/registration").get_data(as_text=True)
    assert "2 arrived · 0 seen · 2 waiting · 0 left before being seen" in page
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 2
        assert db.session.scalar(select(func.count()).select_from(QueuePlace)) == 4
