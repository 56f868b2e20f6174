"""Every address x every role x own site, the site next door, another organisation, nobody signed in.

Who may pass which endpoint is written down here a second time, on purpose and by hand: what the code says of itself is
held against it.
"""

import pytest
from werkzeug.test import TestResponse

from clinic.auth.roles import Role
from clinic.kernel import access
from tests.walks.addresses import Address, list_addresses
from tests.walks.ground import Walk, changed
from tests.walks.visitor import Visitor, refusals
from tests.walks.world import FORGOTTEN, NOBODYS, OF_THE_ORGANISATION, SHARED, House, World

ANYBODY = "anybody"
SIGNED_IN = "whoever is signed in"

WHO_MAY_PASS: dict[str, str] = {
    "assets.asset": "FINANCE INSPECTOR LOGISTICS MANAGER PROJECT_LEAD",
    "assets.evidence": "FINANCE INSPECTOR LOGISTICS MANAGER PROJECT_LEAD",
    "assets.keep_evidence": "LOGISTICS",
    "assets.miss": "LOGISTICS",
    "assets.move": "LOGISTICS",
    "assets.register": "FINANCE INSPECTOR LOGISTICS MANAGER PROJECT_LEAD",
    "assets.search": "FINANCE INSPECTOR LOGISTICS MANAGER PROJECT_LEAD",
    "assets.set_state": "LOGISTICS",
    "assets.tags": "FINANCE INSPECTOR LOGISTICS MANAGER PROJECT_LEAD",
    "auth.account": SIGNED_IN,
    "auth.badge": ANYBODY,
    "auth.choose_pin": SIGNED_IN,
    "auth.computers": "ADMINISTRATOR",
    "auth.enrol_computer": "ADMINISTRATOR",
    "auth.give_badge": "ADMINISTRATOR",
    "auth.resume": SIGNED_IN,
    "auth.sit_down": ANYBODY,
    "auth.withdraw_badge": "ADMINISTRATOR",
    "auth.withdraw_computer": "ADMINISTRATOR",
    "auth.accounts": "ADMINISTRATOR",
    "auth.change_account": "ADMINISTRATOR",
    "auth.change_password": SIGNED_IN,
    "auth.end_sessions": "ADMINISTRATOR",
    "auth.home": SIGNED_IN,
    "auth.language": ANYBODY,
    "auth.lock": SIGNED_IN,
    "auth.new_account": "ADMINISTRATOR",
    "auth.open_account": "ADMINISTRATOR",
    "auth.open_session": ANYBODY,
    "auth.reopen": SIGNED_IN,
    "auth.reset_password": "ADMINISTRATOR",
    "auth.show_account": "ADMINISTRATOR",
    "auth.sign_in": ANYBODY,
    "auth.sign_out": SIGNED_IN,
    "auth.switch_keys": SIGNED_IN,
    "auth.unlock": SIGNED_IN,
    "consultations.abandon": "DOCTOR",
    "consultations.absent": "DOCTOR",
    "consultations.amend": "DOCTOR",
    "consultations.call": "DOCTOR",
    "consultations.call_next": "DOCTOR",
    "consultations.desk": "DOCTOR",
    "consultations.draft": "DOCTOR",
    "consultations.find_diagnosis": "DOCTOR",
    "consultations.find_medicine": "DOCTOR",
    "consultations.note": "DOCTOR",
    "consultations.nursing": "DOCTOR",
    "consultations.order_tests": "DOCTOR",
    "consultations.park": "DOCTOR",
    "consultations.place": "DOCTOR",
    "consultations.put_back": "DOCTOR",
    "consultations.queue": "DOCTOR",
    "consultations.rail": "DOCTOR",
    "consultations.read_results": "DOCTOR",
    "consultations.sign": "DOCTOR",
    "consultations.start": "DOCTOR",
    "consultations.tests": "DOCTOR",
    "evening.close": "MANAGER",
    "evening.closing": "MANAGER",
    "evening.closing_sheet": "MANAGER",
    "evening.tonight": "MANAGER REGISTRAR",
    "certificates.check": ANYBODY,
    "certificates.compare": ANYBODY,
    "handovers.add_dear_lines": "LOGISTICS",
    "handovers.add_line": "LOGISTICS",
    "handovers.answer": "RECEIVER",
    "handovers.approve": "FINANCE PROJECT_LEAD",
    "handovers.batch": "CUSTODIAN FINANCE GIVER INSPECTOR LOGISTICS PROJECT_LEAD RECEIVER",
    "handovers.batches": "CUSTODIAN FINANCE GIVER INSPECTOR LOGISTICS PROJECT_LEAD RECEIVER",
    "handovers.cancel": "PROJECT_LEAD",
    "handovers.change": "LOGISTICS",
    "handovers.change_batch": "LOGISTICS",
    "handovers.certificate": "CUSTODIAN FINANCE GIVER INSPECTOR LOGISTICS PROJECT_LEAD RECEIVER",
    "handovers.file": "CUSTODIAN FINANCE GIVER INSPECTOR LOGISTICS PROJECT_LEAD RECEIVER",
    "handovers.inspect": "INSPECTOR",
    "handovers.new_batch": "LOGISTICS",
    "handovers.open_batch": "LOGISTICS",
    "handovers.print_again": "LOGISTICS",
    "handovers.remove_line": "LOGISTICS",
    "handovers.seal": "LOGISTICS",
    "handovers.send_back": "FINANCE PROJECT_LEAD",
    "handovers.sign": "CUSTODIAN GIVER",
    "handovers.sign_beside": "LOGISTICS",
    "handovers.submit": "LOGISTICS",
    "handovers.unseal": "PROJECT_LEAD",
    "handovers.withdraw": "GIVER",
    "health.health": ANYBODY,
    "interpreting.queue": "INTERPRETER",
    "lab.call": "LABORATORY",
    "lab.cancel": "LABORATORY",
    "lab.collect": "LABORATORY",
    "lab.correct": "LABORATORY",
    "lab.enter": "LABORATORY",
    "lab.order": "LABORATORY",
    "lab.receive": "LABORATORY",
    "lab.reject": "LABORATORY",
    "lab.report": "LABORATORY",
    "lab.verify": "LABORATORY",
    "lab.waiting": "LABORATORY",
    "nursing.add": "NURSE",
    "nursing.contacts": "NURSE",
    "nursing.sign": "NURSE",
    "pharmacy.call": "PHARMACIST",
    "pharmacy.dispense": "PHARMACIST",
    "pharmacy.finish": "PHARMACIST",
    "pharmacy.handout": "PHARMACIST",
    "pharmacy.labels": "PHARMACIST",
    "pharmacy.leave": "PHARMACIST",
    "pharmacy.owings": "PHARMACIST",
    "pharmacy.place": "PHARMACIST",
    "pharmacy.prescription": "PHARMACIST",
    "pharmacy.slip": "PHARMACIST",
    "pharmacy.waiting": "PHARMACIST",
    "registration.add_paper": "REGISTRAR",
    "registration.add_person": "REGISTRAR",
    "registration.alike": "REGISTRAR",
    "registration.also": "NURSE REGISTRAR",
    "registration.check_in": "NURSE REGISTRAR",
    "registration.check_in_family": "NURSE REGISTRAR",
    "registration.correct": "REGISTRAR",
    "registration.family": "NURSE REGISTRAR",
    "registration.found": "NURSE REGISTRAR",
    "registration.join": "REGISTRAR",
    "registration.look_up": "NURSE REGISTRAR",
    "registration.new_person": "REGISTRAR",
    "registration.number": "NURSE REGISTRAR",
    "registration.person": "NURSE REGISTRAR",
    "registration.record": "REGISTRAR",
    "registration.search": "NURSE REGISTRAR",
    "registration.slip": "NURSE REGISTRAR",
    "reports.consultations": "MANAGER",
    "reports.index": "MANAGER",
    "reports.paper": "MANAGER",
    "reports.rows": "MANAGER",
    "reports.spreadsheet": "MANAGER",
    "specialties.change_room": "ADMINISTRATOR",
    "specialties.change_site": "ADMINISTRATOR",
    "specialties.doctor": "ADMINISTRATOR",
    "specialties.new_room": "ADMINISTRATOR",
    "specialties.open_room": "ADMINISTRATOR",
    "specialties.practice": "ADMINISTRATOR",
    "specialties.room": "ADMINISTRATOR",
    "specialties.rooms": "ADMINISTRATOR",
    "specialties.set_practice": "ADMINISTRATOR",
    "specialties.site": "ADMINISTRATOR",
    "stock.batch": "PHARMACIST MANAGER",
    "stock.block": "PHARMACIST",
    "stock.card": "PHARMACIST MANAGER",
    "stock.check": "PHARMACIST",
    "stock.delivery": "PHARMACIST",
    "stock.delivery_sum": "PHARMACIST",
    "stock.document": "PHARMACIST MANAGER",
    "stock.proof": "PHARMACIST MANAGER",
    "stock.receive": "PHARMACIST",
    "stock.search": "PHARMACIST MANAGER",
    "stock.shelf": "PHARMACIST MANAGER",
    "stock.unblock": "PHARMACIST",
    "triage.call": "NURSE",
    "triage.call_next": "NURSE",
    "triage.correct": "NURSE",
    "triage.end_allergy": "NURSE",
    "triage.end_pregnancy": "NURSE",
    "triage.leave": "NURSE",
    "triage.person": "NURSE",
    "triage.put_back": "NURSE",
    "triage.queue": "NURSE",
    "triage.reading": "NURSE",
    "triage.save": "NURSE",
    "triage.save_correction": "NURSE",
}

# What an act must be told to be heard at all, by the record that it names.
TOLD = {"consultations.call_next": {"at": "point"}}

# Acts that refuse what cannot be read before they look for whose it is.
READ_FIRST = {"consultations.park"}

DOCTYPE = "<!doctype html"


def those_who_may(address: Address) -> set[Role]:
    """Return the roles that pass an address by the table above."""
    said = WHO_MAY_PASS[address.endpoint]
    return set(Role) if said in {ANYBODY, SIGNED_IN} else {Role(role) for role in said.split()}


def is_page(answer: TestResponse) -> bool:
    return answer.get_data(as_text=True).lstrip()[: len(DOCTYPE)].lower() == DOCTYPE


# ---- the table -----------------------------------------------------------------------------------------------------


def test_the_table_names_every_endpoint_and_no_other() -> None:
    endpoints = {address.endpoint for address in list_addresses()}
    assert endpoints - WHO_MAY_PASS.keys() == set(), "say in WHO_MAY_PASS who may pass these"
    assert WHO_MAY_PASS.keys() - endpoints == set(), "these are gone: take them out of WHO_MAY_PASS"


def test_every_view_states_the_policy_of_the_table(address: Address, opened: Walk) -> None:
    policy = access.policy_of(opened.app.view_functions[address.endpoint])
    assert policy is not None, f"{address} lets nobody in: mark its view with require(), signed_in or public"
    assert policy.is_public is (WHO_MAY_PASS[address.endpoint] == ANYBODY)


def test_every_address_leads_somewhere_in_every_house(address: Address, opened: Walk) -> None:
    assert "<" not in address.at(opened.world.here) + address.at(opened.world.elsewhere)


# ---- who is refused ------------------------------------------------------------------------------------------------


def test_nobody_passes_without_signing_in(address: Address, walk: Walk) -> None:
    before, path = walk.rows(), address.at(walk.world.here)
    plain, htmx = (Visitor(walk.app).go(address, path, is_htmx=is_htmx) for is_htmx in (False, True))
    if WHO_MAY_PASS[address.endpoint] == ANYBODY:
        assert {plain.status_code, htmx.status_code}.isdisjoint({401, 403, 404, 500})
        return
    assert (plain.status_code, plain.location.partition("?")[0]) == (302, "/sign-in")
    assert (htmx.status_code, htmx.data) == (401, b"")
    assert htmx.headers["HX-Redirect"].partition("?")[0] == "/sign-in"
    assert changed(before, walk.rows()) == []


def test_a_role_that_may_not_pass_is_refused_on_record_and_changes_nothing(address: Address, walk: Walk) -> None:
    before = walk.rows()
    for role in set(Role) - those_who_may(address):
        visitor, refused = Visitor(walk.app, walk.world.here.staff[role]), refusals(walk.app)
        plain = visitor.go(address, address.at(walk.world.here))
        piece = visitor.go(address, address.at(walk.world.here), is_htmx=True)
        assert (plain.status_code, is_page(plain)) == (403, True), role
        assert (piece.status_code, is_page(piece)) == (403, False), role
        assert refusals(walk.app) - refused == 2, role
    assert changed(before, walk.rows()) == []


def test_no_form_is_believed_without_its_token(act: Address, walk: Walk) -> None:
    before = walk.rows()
    for role in those_who_may(act):
        visitor = Visitor(walk.app, walk.world.here.staff[role])
        path = act.at(walk.world.here)
        answers = [visitor.go(act, path, is_believed=False, is_htmx=is_htmx) for is_htmx in (False, True)]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert [is_page(answer) for answer in answers] == [True, False]
    assert changed(before, walk.rows()) == []


# ---- who passes ----------------------------------------------------------------------------------------------------


def test_whoever_may_pass_does_and_reading_changes_nothing(page: Address, walk: Walk) -> None:
    before = walk.rows()
    for role in those_who_may(page):
        visitor = Visitor(walk.app, walk.world.here.staff[role])
        answer = visitor.go(page, page.at(walk.world.here))
        assert answer.status_code in {200, 302}, role
        assert visitor.go(page, page.at(walk.world.here), is_htmx=True).status_code in {200, 302}, role
    assert changed(before, walk.rows()) == []


def test_whoever_may_act_is_heard(act: Address, walk: Walk) -> None:
    for role in those_who_may(act):
        visitor = Visitor(walk.app, walk.world.here.staff[role])
        told = {name: walk.world.here.records[record] for name, record in TOLD.get(act.endpoint, {}).items()}
        answer = visitor.go(act, act.at(walk.world.here), told=told)
        assert answer.status_code in {200, 204, 302, 303, 409, 422}, role
        walk.put_back()


# ---- whose records they are ----------------------------------------------------------------------------------------


def strange_keys(record: str, world: World) -> list[str]:
    """Return the keys of a record that nobody `here` may see."""
    if record in FORGOTTEN:
        return []
    houses: list[House] = [world.elsewhere]
    if record in SHARED:
        houses = []
    elif record not in OF_THE_ORGANISATION:
        houses.append(world.next_door)
    strange = (house.records[record] for house in houses)
    return [NOBODYS, *(key for key in strange if key != world.here.records[record])]


def test_what_belongs_to_others_is_not_there(address: Address, walk: Walk) -> None:
    before, nowhere = walk.rows(), {404, 422} if address.endpoint in READ_FIRST else {404}
    paths = [
        address.at(walk.world.here, **{name: key})
        for name, record in address.parameters.items()
        for key in strange_keys(record, walk.world)
    ]
    for role in those_who_may(address) if paths else ():
        visitor = Visitor(walk.app, walk.world.here.staff[role])
        for path in paths:
            plain, htmx = (visitor.go(address, path, is_htmx=is_htmx) for is_htmx in (False, True))
            assert {plain.status_code, htmx.status_code} <= nowhere, (role, path)
            # an act may answer with its own page, out of which htmx takes what it asked for
            assert not (is_page(htmx) and address.method == "GET"), (role, path)
    assert changed(before, walk.rows()) == []


def test_a_note_from_next_door_stays_closed_to_a_doctor_who_never_saw_the_person(walk: Walk) -> None:
    note, strange = (walk.world.here.records["note"], walk.world.next_door.records["note"])
    visitor, refused = Visitor(walk.app, walk.world.here.staff[Role.DOCTOR]), refusals(walk.app)
    assert visitor.client.get(f"/desk/note/{note}").status_code == 200
    assert visitor.client.get(f"/desk/note/{strange}").status_code == 403
    assert refusals(walk.app) - refused == 1


@pytest.mark.parametrize("planted", ["/accounts/<key>/<unheard_of>", "/nowhere/<key>"])
def test_an_address_of_which_nobody_says_what_it_names_fails_with_instructions(planted: str, opened: Walk) -> None:
    with pytest.raises(AssertionError, match=r"Add .* to RECORDS in"):
        Address("planted", "GET", planted).at(opened.world.here)
