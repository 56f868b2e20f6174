from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

from clinic.auth.models import User
from clinic.auth.roles import Role
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.sites.models import Site
from inventory.handovers import services
from inventory.handovers.queries import get_whole, list_batches
from inventory.handovers.rules import State
from tests.desk import DeskClient, HiddenFields, send_files
from tests.factories import PASSWORD, create_clinic, create_user, scope_of, sign_in
from tests.inventory.assets.things import create_asset
from tests.inventory.handovers.table import Table, open_table

NEW = {"unit": "Centre", "place": "Ground floor", "purpose": "primary health care", "on": "24.11.2026"}


@pytest.fixture
def table(app: Flask) -> Table:
    with app.app_context():
        return open_table(create_clinic())


def act(client: DeskClient, key: str, act: str, **told: str | bytes) -> tuple[int, str]:
    """Send the form of an act from the page of a batch, and return the answer, or the page that it leads to."""
    path = f"/handovers/{key}/{act}"
    hidden = HiddenFields(client.get(f"/handovers/{key}").get_data(as_text=True)).forms[path]
    answer = send_files(client, path, {**hidden, **told})
    shown = client.get(answer.location) if answer.status_code == 303 else answer
    return answer.status_code, shown.get_data(as_text=True)


def test_a_batch_is_begun_under_an_agreement_and_without_one_the_page_says_so(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        person = scope_of(create_user(create_clinic(), Role.LOGISTICS))
        table = open_table(create_clinic())
    sign_in(client, person)
    assert "There is no agreement on file." in client.get("/handovers/new").get_data(as_text=True)
    assert client.submit("/handovers/new", NEW | {"receiver": table.receiver_code}).status_code == 422
    with app.app_context():
        table.draft()
        assert list_batches(person) == []
    told = NEW | {"receiver": table.receiver_code, "agreement": "TEST"}
    late = client.submit("/handovers/new", told | {"on": "1.1.2031"})
    page = late.get_data(as_text=True)
    assert (late.status_code, "is not between" in page, "primary health care" in page) == (422, True, True)
    first = client.submit("/handovers/new", told)
    assert (first.status_code, first.location.startswith("/handovers/")) == (303, True)
    with app.app_context():
        [one] = list_batches(person)
        assert (one.batch.unit, one.batch.state) == ("Centre", State.DRAFT)


def test_the_same_form_of_a_new_batch_twice_leads_to_the_one_that_was_begun(
    app: Flask, client: DeskClient, table: Table
) -> None:
    with app.app_context():
        table.draft()
    sign_in(client, table.scopes[Role.LOGISTICS])
    hidden = HiddenFields(client.get("/handovers/new").get_data(as_text=True)).forms["/handovers/new"]
    told = {**hidden, **NEW, "receiver": table.receiver_code, "agreement": "TEST"}
    first, second = (client.post("/handovers/new", data=told) for _ in range(2))
    assert first.location == second.location
    with app.app_context():
        assert len(list_batches(table.scopes[Role.LOGISTICS])) == 2


def test_a_draft_takes_what_is_ready_and_says_what_is_not(app: Flask, client: DeskClient, table: Table) -> None:
    with app.app_context():
        key = table.draft()
        unseen = create_asset(table.scopes[Role.LOGISTICS])
    sign_in(client, table.scopes[Role.LOGISTICS])
    for tag, words in ((unseen.tag, "has no photo on the register"), ("AS-999999", "There is no AS-999999")):
        status, page = act(client, key, "lines", tag=tag)
        assert (status, words in page, f'value="{tag}"' in page) == (422, True, True)
    assert client.get(f"/handovers/{key}/change").status_code == 200
    hidden = HiddenFields(client.get(f"/handovers/{key}/change").get_data(as_text=True)).forms
    told = {**hidden[f"/handovers/{key}/change"], **NEW, "receiver": table.receiver_code, "place": "Attic"}
    assert client.post(f"/handovers/{key}/change", data=told).status_code == 303
    with app.app_context():
        assert get_whole(table.scopes[Role.LOGISTICS], key).batch.place == "Attic"


def test_people_are_named_in_the_script_of_the_page(app: Flask, client: DeskClient, table: Table) -> None:
    with app.app_context():
        key = table.draft()
        table.submit(key)
        with transaction() as session:
            logistics = session.get_one(User, table.scopes[Role.LOGISTICS].user_id)
            logistics.name_ar, latin = "ليفنت بولات", logistics.name_latin
    sign_in(client, table.scopes[Role.LOGISTICS], language="ar")
    page = client.get(f"/handovers/{key}").get_data(as_text=True)
    main = page[page.index("<main") : page.index("</main>")]
    assert (main.count("ليفنت بولات") >= 3, latin in main) == (True, False)


def test_an_old_page_approves_nothing(app: Flask, client: DeskClient, table: Table) -> None:
    with app.app_context():
        key = table.draft()
        table.submit(key)
    sign_in(client, table.scopes[Role.FINANCE])
    path = f"/handovers/{key}/approve"
    old = HiddenFields(client.get(f"/handovers/{key}").get_data(as_text=True)).forms[path]
    with app.app_context():
        table.act(Role.PROJECT_LEAD, services.send_back, key, because="One line more")
        table.submit(key)
    assert client.post(path, data=old).status_code == 422
    status, page = act(client, key, "approve")
    assert (status, "Saved." in page) == (303, True)


def test_an_inspector_is_told_of_a_stray_tag_and_a_second_tag_under_one_key_is_not_lost(
    app: Flask, client: DeskClient, table: Table
) -> None:
    with app.app_context():
        key = table.draft(count=2)
        table.submit(key)
        table.approve(key)
        first, second = (thing.tag for thing in table.assets(key))
    sign_in(client, table.scopes[Role.INSPECTOR])
    found = {"grade": "B", "erasure": "NONE"}
    _, page = act(client, key, "inspect", tag="AS-424242", **found)
    assert ("is no line of this batch" in page, "Saved." in page) == (True, False)
    path = f"/handovers/{key}/inspect"
    hidden = HiddenFields(client.get(f"/handovers/{key}").get_data(as_text=True)).forms[path]
    assert send_files(client, path, {**hidden, **found, "tag": first}).status_code == 303
    again = send_files(client, path, {**hidden, **found, "tag": second})
    assert (again.status_code, "with other answers" in again.get_data(as_text=True)) == (422, True)
    status, page = act(client, key, "inspect", tag=second, grade="C", erasure="NONE", note="scratched")
    assert (status, "A fault is shown by a photo." in page, "scratched" in page) == (422, True, True)
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    status, page = act(client, key, "inspect", tag=second, grade="C", erasure="NONE", photo=out.getvalue())
    assert status == 303
    with app.app_context():
        shown = next(one.line.photo_sha256 for one in get_whole(table.scopes[Role.INSPECTOR], key).lines[::-1])
    assert client.get(f"/handovers/{key}/files/{shown}").mimetype == "image/jpeg"
    assert f"/handovers/{key}/files/{shown}" in page
    with app.app_context():
        assert table.state(key) is State.INSPECTED


def test_a_wrong_answer_comes_back_with_its_figures_and_a_right_one_moves_the_keeping(
    app: Flask, client: DeskClient, table: Table
) -> None:
    with app.app_context():
        key = table.sealed(tracking="bulk", serial_pattern="LOT-9", qty=5, line_total_eur="5000.00")
        table.sign(key)
        line, second = table.line(key), table.username(table.second)
    sign_in(client, table.receiver)
    told = {"username": second, "secret": PASSWORD, f"rejected-{line}": "1", f"missing-{line}": "0"}
    status, page = act(client, key, "answer", **told, **{f"accepted-{line}": "3"})
    assert (status, "3 + 1 + 0 is not 5" in page, 'value="3"' in page, PASSWORD in page) == (422, True, True, False)
    status, page = act(client, key, "answer", **told, **{f"accepted-{line}": "4"})
    assert (status, "Write why it is not accepted." in page) == (422, True)
    told |= {f"accepted-{line}": "4", f"remark-{line}": "one is bent"}
    status, page = act(client, key, "answer", **told)
    assert (status, "4 accepted, 1 rejected, 0 missing" in page) == (303, True)
    with app.app_context():
        assert [thing.quantity for thing in table.assets(key)] == [4]


def test_a_receiver_is_offered_nothing_that_is_the_givers(app: Flask, client: DeskClient, table: Table) -> None:
    with app.app_context():
        key = table.sealed()
        away = _also(table.receiver, Role.PROJECT_LEAD, Role.GIVER, Role.LOGISTICS)
    sign_in(client, away)
    page = client.get(f"/handovers/{key}").get_data(as_text=True)
    assert [one for one in HiddenFields(page).forms if one.startswith(f"/handovers/{key}/")] == []
    assert "certificate.pdf" in page


def _also(scope: Scope, *roles: Role) -> Scope:
    """Return somebody of the same organisation and site who holds these roles."""
    return scope_of(create_user(db.session.get_one(Site, scope.site_id), *roles))
