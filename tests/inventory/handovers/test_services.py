import json
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from clinic.auth.roles import Permission, Role
from clinic.auth.rules import CountersignRefused
from clinic.kernel import jobs
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError, NotFound, Stale
from clinic.sites.models import Organisation
from inventory.assets.models import Asset
from inventory.assets.queries import get_strip, list_happened, read_files
from inventory.assets.rules import EvidenceKind, Title, Whereabouts
from inventory.assets.services import miss
from inventory.certificates.models import Certificate
from inventory.certificates.queries import chain_differences, get_standing
from inventory.certificates.rules import NotSealed, Party, Standing, digest
from inventory.handovers import services
from inventory.handovers.models import Batch, BatchLine
from inventory.handovers.queries import get_file, get_whole, list_batches
from inventory.handovers.rules import (
    Act,
    AnotherPerson,
    Answer,
    Erasure,
    Grade,
    NoSuchStep,
    NotReady,
    Office,
    State,
)
from tests import factories
from tests.inventory.assets.things import create_asset, show
from tests.inventory.handovers.table import ADDRESS, Table, open_table

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def table(context: object) -> Table:
    noise = open_table(factories.create_clinic())
    noise.draft(count=2)
    return open_table(factories.create_clinic())


def refused(table: Table, role: Role, act: object, *args: object, **kwargs: object) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        table.act(role, act, *args, **kwargs)
    return refusal.value


def not_approved(table: Table, role: Role, key: str, office: Office) -> DomainError:
    return refused(table, role, services.approve, key, office, seen=table.version(key))


def not_sealed(table: Table, key: str, address: str = ADDRESS) -> DomainError:
    return refused(table, Role.LOGISTICS, services.begin_seal, key, seen=table.version(key), check_address=address)


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "#888888").save(out, "JPEG")
    return out.getvalue()


# ---- the way -------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_what_is_accepted_is_kept_by_the_receiver_and_the_title_stays_with_the_project(table: Table) -> None:
    logistics = table.scopes[Role.LOGISTICS]
    key = table.draft(count=2)
    before = get_strip(logistics)
    table.submit(key)
    table.approve(key)
    table.inspect(key)
    table.seal(key)
    assert table.state(key) is State.SEALED
    table.sign(key)
    assert table.state(key) is State.SIGNED
    kept, refused_one = table.assets(key)
    answers = {
        kept.tag: Answer(accepted=1),
        refused_one.tag: Answer(accepted=0, rejected=1, remark="It does not start"),
    }
    assert table.answer(key, answers) is State.PARTLY
    kept, refused_one = table.assets(key)
    receiver = db.session.get_one(Organisation, table.receiver.organisation_id).name_en
    assert (kept.custodian, kept.place, kept.title) == (receiver, "Ground floor", Title.PROJECT)
    assert (refused_one.custodian, refused_one.title) == ("", Title.PROJECT)
    number, _ = table.certificate(key)
    [said] = list_happened(refused_one.id)
    assert (said.axis, said.became, said.because) == ("answer", "REJECTED", f"{number} v1: It does not start")
    assert get_strip(logistics) == before
    certificate = db.session.get_one(Certificate, get_whole(logistics, key).batch.certificate_id)
    assert get_standing(certificate) is Standing.PARTLY
    again = table.draft()
    assert "kept by" in str(refused(table, Role.LOGISTICS, services.add_line, again, kept.tag))
    table.act(Role.LOGISTICS, services.add_line, again, refused_one.tag)


@pytest.mark.postgres
def test_a_lot_answered_in_parts_becomes_a_record_each_whose_units_and_cents_add_up(table: Table) -> None:
    logistics = table.scopes[Role.LOGISTICS]
    key = table.sealed(tracking="bulk", serial_pattern="LOT-1", qty=24, line_total_eur="24000.00")
    table.sign(key)
    [lot] = table.assets(key)
    tag = lot.tag
    with pytest.raises(NotReady) as unequal:
        table.answer(key, {tag: Answer(accepted=22, rejected=1, remark="one is damaged")})
    with pytest.raises(NotReady) as silent:
        table.answer(key, {tag: Answer(accepted=22, rejected=1, missing=1)})
    line = table.line(key)
    assert (unequal.value.field, silent.value.field) == (f"accepted-{line}", f"remark-{line}")
    table.answer(key, {tag: Answer(accepted=22, rejected=1, missing=1, remark="one is damaged, one is not there")})
    parts = db.session.scalars(
        select(Asset).where(Asset.serial == "LOT-1").execution_options(populate_existing=True).order_by(Asset.id)
    ).all()
    assert [(part.tag == tag, part.quantity, part.custodian != "", part.whereabouts) for part in parts] == [
        (True, 22, True, Whereabouts.IN_PLACE),
        (False, 1, False, Whereabouts.MISSING),
        (False, 1, False, Whereabouts.IN_PLACE),
    ]
    assert sum(part.line_cents for part in parts) == 24_000_00
    assert len({frozenset(files.hashes.values()) for files in read_files(parts)}) == 1
    whole, [listed] = get_whole(logistics, key), [one for one in list_batches(logistics) if one.batch.key == key]
    told = json.loads(db.session.get_one(Certificate, whole.batch.certificate_id).text)["totals"]
    assert (whole.units, whole.cents, listed.units, listed.cents) == (24, 24_000_00, 24, 24_000_00)
    assert (told["units"], told["eur"]) == (24, "24000.00")


def test_all_that_needs_proof_is_added_at_once_and_what_stands_elsewhere_is_left_alone(table: Table) -> None:
    logistics = table.scopes[Role.LOGISTICS]
    dear: dict[str, Any] = {"unit_price_eur": "5000.00", "line_total_eur": "5000.00", "orig_unit_price": "16000.00"}
    taken = table.draft(**dear)
    for price in ({}, dear, dear):
        show(logistics, create_asset(logistics, **price))
    unseen = create_asset(logistics, **dear)
    key = table.draft()
    with transaction(), acting_as(logistics.user_id):
        assert services.add_dear_lines(logistics, key) == [unseen.tag]
    assert [one.needs_proof for one in get_whole(logistics, key).lines] == [True, True, False]
    assert len(get_whole(logistics, taken).lines) == 1
    assert isinstance(refused(table, Role.LOGISTICS, services.add_dear_lines, key), NotReady)


# ---- who may follow whom -------------------------------------------------------------------------------------------


def test_one_record_stands_in_one_open_batch_and_the_other_is_named(table: Table) -> None:
    first, second = table.draft(), table.draft()
    [thing] = table.assets(first)
    refusal = refused(table, Role.LOGISTICS, services.add_line, second, thing.tag)
    assert refusal.values["batch"] == get_whole(table.scopes[Role.LOGISTICS], first).batch.name
    with pytest.raises(IntegrityError), transaction() as session:
        batch_id = session.scalars(select(Batch.id).where(Batch.key == second)).one()
        session.add(BatchLine(batch_id=batch_id, asset_id=thing.id))
    table.act(Role.PROJECT_LEAD, services.cancel, first, because="Needed here")
    table.act(Role.LOGISTICS, services.add_line, second, thing.tag)


def test_a_condemned_thing_and_one_that_nobody_has_are_refused(table: Table) -> None:
    key = table.draft()
    [thing] = table.assets(key)
    table.act(Role.LOGISTICS, services.remove_line, key, table.line(key))
    with transaction():
        db.session.execute(text("UPDATE asset SET operability = 'CONDEMNED' WHERE id = :id"), {"id": thing.id})
    assert "is condemned" in str(refused(table, Role.LOGISTICS, services.add_line, key, thing.tag))
    unseen = create_asset(table.scopes[Role.LOGISTICS])
    assert "has no photo" in str(refused(table, Role.LOGISTICS, services.add_line, key, unseen.tag))
    assert isinstance(refused(table, Role.LOGISTICS, services.add_line, key, "AS-999999"), NotFound)
    assert isinstance(refused(table, Role.LOGISTICS, services.submit, key), NotReady)


def test_two_offices_approve_and_neither_is_whoever_made_it(table: Table) -> None:
    key = table.draft()
    table.submit(key)
    assert isinstance(not_approved(table, Role.LOGISTICS, key, Office.FINANCE), AnotherPerson)
    table.act(Role.FINANCE, services.approve, key, Office.FINANCE, seen=table.version(key))
    for role, office in ((Role.FINANCE, Office.PROJECT_LEAD), (Role.PROJECT_LEAD, Office.FINANCE)):
        assert isinstance(not_approved(table, role, key, office), AnotherPerson)
    assert table.state(key) is State.SUBMITTED
    assert isinstance(refused(table, Role.LOGISTICS, services.remove_line, key, table.line(key)), NotReady)
    table.act(Role.PROJECT_LEAD, services.approve, key, Office.PROJECT_LEAD, seen=table.version(key))
    assert table.state(key) is State.APPROVED


def test_a_batch_that_was_returned_needs_both_approvals_anew(table: Table) -> None:
    key = table.draft()
    table.submit(key)
    table.act(Role.FINANCE, services.approve, key, Office.FINANCE, seen=table.version(key))
    assert isinstance(refused(table, Role.PROJECT_LEAD, services.send_back, key, because=""), NotReady)
    before = table.version(key)
    table.act(Role.PROJECT_LEAD, services.send_back, key, because="A line is missing")
    table.submit(key)
    unseen = refused(table, Role.FINANCE, services.approve, key, Office.FINANCE, seen=before)
    assert isinstance(unseen, Stale)
    table.act(Role.PROJECT_LEAD, services.approve, key, Office.PROJECT_LEAD, seen=table.version(key))
    assert table.state(key) is State.SUBMITTED


def test_everything_is_inspected_by_somebody_else_and_a_fault_is_shown(table: Table) -> None:
    key = table.draft(count=2)
    table.submit(key)
    table.approve(key)
    first, second = table.assets(key)
    look = services.inspect_line
    plain = {"grade": Grade.B, "erasure": Erasure.NONE}
    assert isinstance(refused(table, Role.LOGISTICS, look, key, first.tag, **plain), AnotherPerson)
    assert isinstance(refused(table, Role.FINANCE, look, key, first.tag, **plain), AnotherPerson)
    for wrong in ({"grade": Grade.C}, {"erasure": Erasure.ERASED}):
        assert isinstance(refused(table, Role.INSPECTOR, look, key, first.tag, **plain | wrong), NotReady)
    table.act(Role.INSPECTOR, look, key, first.tag, **plain | {"grade": Grade.C, "photo": photo()})
    assert table.state(key) is State.APPROVED
    assert isinstance(
        not_sealed(table, key),
        NoSuchStep,
    )
    table.act(Role.INSPECTOR, look, key, "AS-424242", **plain)
    assert get_whole(table.scopes[Role.LOGISTICS], key).discrepancies == ["AS-424242"]
    table.act(Role.INSPECTOR, look, key, f" {second.tag.lower()} ", **plain)
    assert table.state(key) is State.INSPECTED


# ---- the seal ------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_seal_is_a_number_without_gaps_a_chain_and_a_job_that_may_be_done_twice(table: Table) -> None:
    keys = [table.draft() for _ in range(3)]
    for key in keys:
        table.submit(key)
        table.approve(key)
        table.inspect(key)
    assert isinstance(
        not_sealed(table, keys[0], ""),
        NotSealed,
    )
    for key in keys:
        table.seal(key)
        services.finish_seal(key)
    certificates = db.session.scalars(select(Certificate).order_by(Certificate.position)).all()
    assert [one.number for one in certificates] == ["HC-2026-0001", "HC-2026-0002", "HC-2026-0003"]
    assert [one.previous for one in certificates[1:]] == [one.sha256 for one in certificates[:-1]]
    assert all(digest(one.text) == one.sha256 for one in certificates)
    assert chain_differences() == []
    for change in ("text = 'x'", "pdf_sha256 = NULL, rendered_at = NULL", "number = 'HC-2026-0009'"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(f"UPDATE certificate SET {change} WHERE position = 2"))  # noqa: S608 - our own words


@pytest.mark.postgres
def test_the_job_of_the_seal_waits_with_the_act_and_nothing_is_rewritten_meanwhile(table: Table) -> None:
    key = table.inspected()
    table.begin_seal(key)
    assert table.state(key) is State.SEALING
    assert isinstance(refused(table, Role.PROJECT_LEAD, services.cancel, key, because="no"), NoSuchStep)
    for change in ("text = '{}'", "number = 'HC-2099-0001'", "version = 7"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(f"UPDATE certificate SET {change}"))  # noqa: S608 - our own words
    assert jobs.work_off() == 1
    assert table.state(key) is State.SEALED


def test_a_paper_whose_printing_was_given_up_is_asked_for_again(table: Table) -> None:
    key = table.inspected()
    assert isinstance(refused(table, Role.LOGISTICS, services.print_again, key), NoSuchStep)
    table.begin_seal(key)
    with transaction() as session:
        session.execute(update(jobs.Job).values(state=jobs.JobState.FAILED))
    assert jobs.work_off() == 0
    table.act(Role.LOGISTICS, services.print_again, key)
    assert jobs.work_off() == 1
    assert table.state(key) is State.SEALED


def test_what_changed_beneath_a_batch_stops_it_before_the_seal(table: Table) -> None:
    key = table.inspected()
    [thing] = table.assets(key)
    table.act(Role.LOGISTICS, miss, thing.key, because="not in its room", seen=thing.version)
    assert f"{thing.tag} is missing" in str(not_sealed(table, key))
    table.act(Role.PROJECT_LEAD, services.send_back, key, because="It is missing")
    assert f"{thing.tag} is missing" in str(refused(table, Role.LOGISTICS, services.submit, key))
    [line] = get_whole(table.scopes[Role.LOGISTICS], key).lines
    assert (line.line.grade, line.line.inspected_at) == (None, None)


def test_nothing_is_submitted_under_an_agreement_that_leaves_its_terms_open(table: Table) -> None:
    key = table.draft()
    with transaction():
        db.session.execute(text("UPDATE agreement SET authorisation = ''"))
    db.session.expire_all()
    assert "authorisation" in str(refused(table, Role.LOGISTICS, services.submit, key))


def test_a_draft_is_written_anew_within_the_time_of_the_agreement(table: Table) -> None:
    key = table.draft()
    told: dict[str, Any] = {"receiver_code": table.receiver_code, "unit": "Other", "place": "Attic", "purpose": "care"}
    change, seen = services.change_batch, table.version(key)
    late = refused(table, Role.LOGISTICS, change, key, **told, on=date(2031, 1, 1), seen=seen)
    assert (type(late), late.field) == (NotReady, "on")
    table.act(Role.LOGISTICS, change, key, **told, on=date(2026, 12, 1), seen=seen)
    batch = get_whole(table.scopes[Role.LOGISTICS], key).batch
    assert (batch.unit, batch.place, batch.on) == ("Other", "Attic", date(2026, 12, 1))
    assert isinstance(refused(table, Role.LOGISTICS, change, key, **told, on=batch.on, seen=seen), Stale)
    table.submit(key)
    frozen = refused(table, Role.LOGISTICS, change, key, **told, on=batch.on, seen=table.version(key))
    assert isinstance(frozen, NotReady)


def test_an_unsealed_certificate_is_void_and_the_next_seal_is_its_next_version(table: Table) -> None:
    key = table.sealed()
    first = table.certificate(key)
    table.act(Role.PROJECT_LEAD, services.unseal, key, because="The place changed")
    table.seal(key)
    number, code = table.certificate(key)
    versions = db.session.scalars(select(Certificate).order_by(Certificate.position)).all()
    assert (number, [one.version for one in versions]) == (first[0], [1, 2])
    assert code != first[1]
    assert [get_standing(one) for one in versions] == [Standing.VOID, Standing.VALID]


# ---- signatures ----------------------------------------------------------------------------------------------------


def test_what_is_signed_is_what_was_seen_and_each_party_signs_once_by_a_person_of_its_own(table: Table) -> None:
    key = table.sealed()
    sign = services.sign
    assert isinstance(refused(table, Role.GIVER, sign, key, Party.GIVER, sha256="0" * 64), NotSealed)
    table.act(Role.GIVER, sign, key, Party.GIVER, sha256=table.sha256(key))
    for party in (Party.GIVER, Party.CUSTODIAN):
        assert isinstance(refused(table, Role.GIVER, sign, key, party, sha256=table.sha256(key)), AnotherPerson)
    assert isinstance(refused(table, Role.PROJECT_LEAD, services.unseal, key, because="late"), NotReady)
    assert isinstance(refused(table, Role.PROJECT_LEAD, services.cancel, key, because="late"), NotReady)
    table.act(Role.GIVER, services.withdraw, key, because="The donor asks for it")
    assert table.state(key) is State.WITHDRAWN


def test_giver_and_custodian_sign_at_the_logisticians_pc_by_their_own_passwords(table: Table) -> None:
    key = table.sealed()
    parties = {Permission.SIGN_GIVER.value: Party.GIVER, Permission.SIGN_CUSTODIAN.value: Party.CUSTODIAN}
    told = {"sha256": table.sha256(key), "secret": factories.PASSWORD}
    beside = services.sign_beside
    outsider = table.username(table.scopes[Role.FINANCE])
    assert isinstance(refused(table, Role.LOGISTICS, beside, key, parties, username=outsider, **told), AnotherPerson)
    giver = table.username(table.scopes[Role.GIVER])
    wrong = told | {"secret": "not the word"}
    assert isinstance(refused(table, Role.LOGISTICS, beside, key, parties, username=giver, **wrong), CountersignRefused)
    for role in (Role.GIVER, Role.CUSTODIAN):
        table.act(Role.LOGISTICS, beside, key, parties, username=table.username(table.scopes[role]), **told)
    signed = get_whole(table.scopes[Role.LOGISTICS], key).signatures
    assert [(one.party, one.is_countersigned) for one in signed] == [(Party.GIVER, True), (Party.CUSTODIAN, True)]
    assert table.state(key) is State.SIGNED


def test_receivers_see_their_own_certificates_alone_and_only_once_they_are_sealed(table: Table) -> None:
    other = open_table(factories.create_clinic())
    draft, sealed, theirs = table.draft(), table.sealed(), other.sealed()
    assert [one.batch.key for one in list_batches(table.receiver)] == [sealed]
    for key in (draft, theirs):
        with pytest.raises(NotFound):
            get_whole(table.receiver, key)
    [shown], [unseen] = (read_files(whose.assets(key)) for whose, key in ((table, sealed), (other, theirs)))
    mine, theirs_alone = (one.newest[EvidenceKind.PHOTO].sha256 for one in (shown, unseen))
    assert get_file(table.receiver, sealed, mine) == mine
    for key, sha256 in ((sealed, theirs_alone), (theirs, theirs_alone), (sealed, "0" * 64)):
        with pytest.raises(NotFound):
            get_file(table.receiver, key, sha256)


def test_nobody_answers_before_both_have_signed_nor_in_anothers_name_nor_half(table: Table) -> None:
    key = table.sealed(count=2)
    first, second = (thing.tag for thing in table.assets(key))
    both = {first: Answer(accepted=1), second: Answer(accepted=1)}
    with pytest.raises(NoSuchStep):
        table.answer(key, both)
    table.sign(key)
    with pytest.raises(NotReady):
        table.answer(key, {first: Answer(accepted=1)})
    told = {"username": "x", "secret": "x", "sha256": "x", "permission": "x"}
    assert isinstance(refused(table, Role.LOGISTICS, services.answer, key, {}, **told), NotFound)
    assert table.state(key) is State.SIGNED
    assert table.answer(key, both) is State.ACCEPTED
    assert isinstance(refused(table, Role.GIVER, services.withdraw, key, because="too late"), NoSuchStep)


def test_whoever_receives_does_nothing_that_is_the_givers_and_learns_nothing_of_before_the_seal(table: Table) -> None:
    key = table.draft()
    table.submit(key)
    table.act(Role.FINANCE, services.send_back, key, because="The price looks inflated")
    table.submit(key)
    table.approve(key)
    table.act(Role.INSPECTOR, services.inspect_line, key, "AS-424242", grade=Grade.B, erasure=Erasure.NONE)
    table.inspect(key)
    table.seal(key)
    [thing] = table.assets(key)
    show(table.scopes[Role.LOGISTICS], thing, EvidenceKind.PROOF)
    seen = get_whole(table.receiver, key)
    assert ([one.act for one in seen.happened], list(seen.discrepancies)) == ([Act.PRINT], [])
    assert [set(one.files) for one in seen.lines] == [{EvidenceKind.PHOTO, EvidenceKind.NAMEPLATE}]
    [on_file] = read_files([thing])
    proof = on_file.newest[EvidenceKind.PROOF].sha256
    assert get_file(table.scopes[Role.LOGISTICS], key, proof) == proof
    with pytest.raises(NotFound):
        get_file(table.receiver, key, proof)
    away = dict.fromkeys((Role.PROJECT_LEAD, Role.GIVER, Role.LOGISTICS), table.receiver)
    sha256 = table.sha256(key)
    acts: tuple[tuple[Role, Any, dict[str, Any]], ...] = (
        (Role.PROJECT_LEAD, services.cancel, {"because": "no"}),
        (Role.PROJECT_LEAD, services.unseal, {"because": "no"}),
        (Role.GIVER, services.withdraw, {"because": "no"}),
        (Role.LOGISTICS, services.print_again, {}),
    )
    for role, act, told in acts:
        with pytest.raises(NotFound), transaction(), acting_as(away[role].user_id):
            act(away[role], key, **told)
    with pytest.raises(NotFound), transaction(), acting_as(table.receiver.user_id):
        services.sign(table.receiver, key, Party.GIVER, sha256=sha256)
    assert table.state(key) is State.SEALED


def test_who_holds_two_offices_acts_for_the_one_that_is_left(table: Table) -> None:
    key = table.draft()
    table.submit(key)
    table.act(Role.FINANCE, services.approve, key, Office.FINANCE, seen=table.version(key))
    both = (Office.FINANCE, Office.PROJECT_LEAD)
    table.act(Role.PROJECT_LEAD, services.approve, key, *both, seen=table.version(key))
    table.inspect(key)
    table.seal(key)
    table.act(Role.GIVER, services.sign, key, Party.GIVER, sha256=table.sha256(key))
    table.act(Role.CUSTODIAN, services.sign, key, Party.GIVER, Party.CUSTODIAN, sha256=table.sha256(key))
    assert table.state(key) is State.SIGNED


def test_each_step_names_who_led_to_it(table: Table) -> None:
    logistics = table.scopes[Role.LOGISTICS]
    key = table.sealed()
    table.act(Role.GIVER, services.sign, key, Party.GIVER, sha256=table.sha256(key))
    whole = get_whole(logistics, key)
    by = {state: found.by_id for state in State if (found := whole.entered(state))}
    who = {role: scope.user_id for role, scope in table.scopes.items()}
    assert by == {
        State.SUBMITTED: who[Role.LOGISTICS],
        State.APPROVED: who[Role.PROJECT_LEAD],
        State.INSPECTED: who[Role.INSPECTOR],
        State.SEALING: who[Role.LOGISTICS],
        State.SEALED: who[Role.LOGISTICS],
    }
