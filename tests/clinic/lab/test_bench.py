from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from clinic.consultations import services as consultations
from clinic.consultations.models import Consultation
from clinic.consultations.rules import State
from clinic.evening.queries import Overdue, find_overdue, list_left_over
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.lab import services as lab
from clinic.lab.models import LabResult
from clinic.lab.queries import get_order, list_chart_orders, list_open_orders, list_unread, worklist
from clinic.lab.rules import BadResult, Condition, Flag, NothingOrdered, NotReady, OrderedAlready, RequestState, Told
from clinic.patients.rules import BirthPrecision, Sex
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace
from clinic.visits.rules import NobodyWaits, PlaceState
from tests import factories
from tests.clinic.consultations.evening import Clinic, Seen, content
from tests.clinic.lab.bench import GROWN_WOMAN, entered, examined, number, send, verified

pytestmark = pytest.mark.usefixtures("context")
BORN_IN: dict[str, Any] = {"birth_month": None, "birth_day": None, "birth_precision": BirthPrecision.YEAR}


def place_of(seen: Seen) -> QueuePlace:
    db.session.expire_all()
    return db.session.get_one(QueuePlace, seen.place_id)


def last_of(technician: Scope, order: str) -> str:
    """Return the key of the result that a page shows as the last that came."""
    last = get_order(technician, order).last_verified
    assert last is not None
    return last.key


def refusal_of(act: object, *args: object, **kwargs: object) -> DomainError:
    with pytest.raises(DomainError) as refused, transaction():
        act(*args, **kwargs)  # type: ignore[operator]  # any act of the bench
    return refused.value


# ---- the way there and back ----------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_person_goes_to_the_laboratory_and_back_to_the_same_doctor_and_the_same_open_note(
    clinic: Clinic, technician: Scope
) -> None:
    noise, other = send(clinic, "HGB", by=clinic.colleague)
    seen, order = send(clinic, "HGB", "UPROT")
    assert place_of(seen).state is PlaceState.AWAY
    assert [row.visit_id for row in worklist(technician).places] == [noise.visit_id, seen.visit_id]
    row = examined(technician, order, HGB=number("0"), UPROT=Told(words="TWO"))
    assert [one.visit_id for one in worklist(technician).places] == [noise.visit_id]
    assert [specimen.received_at is not None for specimen in row.specimens] == [True, True]
    assert place_of(seen).state is PlaceState.AWAY
    verified(technician, order)
    back = place_of(seen)
    assert (back.state, back.is_returning, back.served_by_id) == (PlaceState.WAITING, True, clinic.doctor.user_id)
    assert place_of(noise).state is PlaceState.AWAY
    with pytest.raises(NobodyWaits), transaction():
        visits.call_next(clinic.colleague, back.service_point_id)
    with transaction():
        assert visits.call_next(clinic.doctor, back.service_point_id) == back.key
    desk = consultations.open_desk(clinic.doctor, seen.visit_key)
    assert (desk.state, desk.version) == (State.OPEN, 1)
    assert [one.key for one in list_unread(clinic.doctor)] == [order]
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.read_results(clinic.doctor, seen.visit_key, order, last_of(technician, order))
        consultations.sign(clinic.doctor, seen.visit_key, content("J00"), seen=desk.version, language="en")
    assert list_unread(clinic.doctor) == []
    assert get_order(technician, other).of(RequestState.ORDERED) != []
    assert db.session.scalars(select(Consultation.state).where(Consultation.visit_id == seen.visit_id)).all() == [
        State.SIGNED
    ]


@pytest.mark.postgres
def test_one_whom_the_registrar_lets_wait_with_the_doctor_meanwhile_comes_back_all_the_same(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP")
    point_id = place_of(seen).service_point_id
    with transaction():
        assert visits.open_place(clinic.registrar, seen.visit_id, point_id) == seen.place_id
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    assert place_of(seen).state is PlaceState.WAITING


@pytest.mark.postgres
def test_one_who_waits_there_already_when_the_results_come_stands_in_that_queue_once(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP")
    away = place_of(seen)
    with transaction() as session:
        again = QueuePlace(
            visit_id=away.visit_id,
            service_point_id=away.service_point_id,
            state=PlaceState.WAITING,
            priority=away.priority,
            queued_at=clock.now(),
        )
        session.add(again)
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    assert (place_of(seen).state, again.state) == (PlaceState.DONE, PlaceState.WAITING)


def test_results_that_come_after_the_signature_wait_to_be_read(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "CRP")
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.sign(clinic.doctor, seen.visit_key, content("J00"), seen=1, language="en")
    assert place_of(seen).state is PlaceState.DONE
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    assert place_of(seen).state is PlaceState.DONE
    assert [one.key for one in list_unread(clinic.doctor)] == [order]
    assert list_unread(clinic.colleague) == []


def test_what_a_colleague_reads_is_still_to_be_read_by_the_doctor_who_ordered_it(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP")
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    with transaction(), acting_as(clinic.colleague.user_id):
        consultations.read_results(clinic.colleague, seen.visit_key, order, last_of(technician, order))
    assert [one.key for one in list_unread(clinic.doctor)] == [order]
    assert get_order(technician, order).is_unread


@pytest.mark.postgres
def test_what_the_page_did_not_show_yet_is_still_to_be_read(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "CRP", "HGB")
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    shown = last_of(technician, order)
    entered(technician, order, HGB=number("2.5"))
    with clock.frozen(factories.EVENING + timedelta(minutes=5)):
        verified(technician, order)
    with clock.frozen(factories.EVENING + timedelta(minutes=6)), transaction(), acting_as(clinic.doctor.user_id):
        consultations.read_results(clinic.doctor, seen.visit_key, order, shown)
    [unread] = list_unread(clinic.doctor)
    assert [one.code for one, _ in unread.unread] == ["HGB"]
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.read_results(clinic.doctor, seen.visit_key, order, last_of(technician, order))
    assert list_unread(clinic.doctor) == []
    assert isinstance(refusal_of(lab.record_reading, clinic.doctor, order, "none"), NotFound)


def test_one_who_leaves_while_the_laboratory_works_is_written_down_as_gone(clinic: Clinic) -> None:
    seen, _ = send(clinic, "CRP")
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.abandon(clinic.doctor, seen.visit_key, content("J00"), seen=1, reason="Went home")
    assert place_of(seen).state is PlaceState.LEFT


def test_what_is_ordered_twice_unknown_or_nothing_is_refused_and_nothing_is_half_written(clinic: Clinic) -> None:
    seen, _ = send(clinic, "HGB")
    order = consultations.order_tests
    assert isinstance(refusal_of(order, clinic.doctor, seen.visit_key, ["CRP", "HGB"]), OrderedAlready)
    assert isinstance(refusal_of(order, clinic.doctor, seen.visit_key, ["GOLD"]), NotFound)
    assert isinstance(refusal_of(order, clinic.doctor, seen.visit_key, []), NothingOrdered)
    assert len(list_open_orders(clinic.doctor)) == 1


def test_another_sites_bench_sees_and_does_nothing(clinic: Clinic, technician: Scope) -> None:
    _, order = send(clinic, "HGB")
    assert list_open_orders(clinic.elsewhere) == []
    for act in (lab.collect, lab.receive, lab.verify):
        assert isinstance(refusal_of(act, clinic.elsewhere, order), NotFound)
    assert list_open_orders(technician)[0].key == order


# ---- at the bench --------------------------------------------------------------------------------------------------


def test_each_step_waits_for_the_one_before(clinic: Clinic, technician: Scope) -> None:
    _, order = send(clinic, "HGB")
    key = get_order(technician, order).requests[0].key
    for act in (lab.receive, lab.verify):
        assert isinstance(refusal_of(act, technician, order), NotReady)
    assert isinstance(refusal_of(lab.enter, technician, order, {key: number("11")}), NotReady)
    with transaction():
        lab.collect(technician, order)
    assert isinstance(refusal_of(lab.enter, technician, order, {key: number("11")}), NotReady)
    assert isinstance(refusal_of(lab.collect, technician, order), NotReady)
    assert isinstance(refusal_of(lab.correct, technician, order, key, number("11"), because="x"), NotReady)


def test_a_spoilt_specimen_is_taken_anew_and_the_old_one_stays_in_the_record(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "POT")
    with transaction():
        [first] = lab.collect(technician, order)
    specimen = get_order(technician, order).specimens[0].key
    for wrong in ({"condition": Condition.GOOD, "because": "x"}, {"condition": Condition.CLOTTED, "because": ""}):
        assert isinstance(refusal_of(lab.reject, technician, order, specimen, **wrong), BadResult)
    with transaction():
        lab.reject(technician, order, specimen, condition=Condition.HAEMOLYSED, because="Red serum")
    assert [row.visit_id for row in worklist(technician).places] == [seen.visit_id]
    with transaction():
        [second] = lab.collect(technician, order)
    assert second > first
    assert isinstance(
        refusal_of(lab.reject, technician, order, specimen, condition=Condition.CLOTTED, because="x"), NotReady
    )


@pytest.mark.postgres
def test_a_correction_is_a_newer_version_the_old_one_stays_and_the_doctor_has_it_to_read_again(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "HGB")
    examined(technician, order, HGB=number("9.5"))
    entered(technician, order, HGB=number("10.5"))
    row = verified(technician, order)
    key = row.requests[0].key
    with transaction(), acting_as(clinic.doctor.user_id):
        lab.record_reading(clinic.doctor, order, last_of(technician, order))
    assert list_unread(clinic.doctor) == []
    assert isinstance(refusal_of(lab.enter, technician, order, {key: number("12")}), NotReady)
    assert isinstance(refusal_of(lab.correct, technician, order, key, number("12"), because=""), BadResult)
    with clock.frozen(factories.EVENING + timedelta(minutes=5)), transaction():
        lab.correct(technician, order, key, number("12.5"), because="The tubes were exchanged")
    newest, old = get_order(technician, order).requests[0].results
    assert (newest.version, newest.number, newest.flag) == (2, Decimal("12.5"), Flag.USUAL)
    assert (old.version, old.number, old.flag) == (1, Decimal("10.5"), Flag.LOW)
    assert [one.key for one in list_unread(clinic.doctor)] == [order]
    [kept] = list_chart_orders(clinic.doctor, [seen.patient_id])
    assert [result.version for result in kept.requests[0].results] == [2, 1]


@pytest.mark.postgres
def test_a_result_may_go_until_it_is_verified_and_never_after(clinic: Clinic, technician: Scope) -> None:
    _, order = send(clinic, "POT", "SOD")
    row = examined(technician, order, POT=number("6.8"), SOD=number("141"))
    keys = {one.code: one.key for one in row.requests}
    with transaction():
        lab.enter(technician, order, {keys["POT"]: None})
    assert [one.code for one in verified(technician, order).of(RequestState.VERIFIED)] == ["SOD"]
    for statement in ("DELETE FROM lab_result", "UPDATE lab_result SET number = 14"):
        with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
            session.execute(text(statement))
    assert entered(technician, order, POT=number("4.8")).of(RequestState.ENTERED) != []


def test_ones_own_result_is_marked_as_verified_by_oneself_and_a_colleagues_is_not(
    app: Flask, clinic: Clinic, technician: Scope
) -> None:
    colleague = clinic.nurse
    for verifier, is_self in ((technician, True), (colleague, False)):
        _, order = send(clinic, "CRP")
        examined(technician, order, CRP=number("2"))
        [one] = verified(verifier, order).requests
        assert one.newest is not None
        assert one.newest.is_self_verified is is_self


def test_a_critical_result_is_called_back_with_name_and_time(clinic: Clinic, technician: Scope) -> None:
    _, order = send(clinic, "POT", "MAL")
    examined(technician, order, POT=number("6.4"), MAL=Told(words="P. falciparum", is_critical=True))
    row = verified(technician, order)
    assert [(one.code, result.flag) for one, result in row.calls] == [
        ("POT", Flag.CRITICAL_HIGH),
        ("MAL", Flag.NONE),
    ]
    result = row.calls[0][1]
    assert (result.call_before - row.requests[0].results[0].verified_at).seconds == 1800  # type: ignore[operator]  # verified
    assert isinstance(refusal_of(lab.record_call, technician, order, result.key, told=""), BadResult)
    for _, untold in row.calls:
        with transaction(), acting_as(technician.user_id):
            lab.record_call(technician, order, untold.key, told="Dr Murad")
    assert get_order(technician, order).calls == []
    assert list_open_orders(technician) == []


def test_sex_and_age_choose_the_range_that_is_kept_with_the_result(clinic: Clinic, technician: Scope) -> None:
    kept = []
    for person in (
        GROWN_WOMAN,
        GROWN_WOMAN | {"sex": Sex.MALE},
        {"birth_year": 2024, "birth_month": 1, "birth_day": 1},
    ):
        _, order = send(clinic, "HGB", person=person)
        [one] = examined(technician, order, HGB=number("12.5")).requests
        assert one.newest is not None
        kept.append((one.newest.low, one.newest.flag))
    assert kept == [(Decimal(12), Flag.USUAL), (Decimal(13), Flag.LOW), (Decimal(11), Flag.USUAL)]
    assert len(db.session.scalars(select(LabResult)).all()) == 3


@pytest.mark.parametrize(
    "person",
    [
        {"sex": Sex.FEMALE, **BORN_IN, "birth_year": 2021},
        {"sex": Sex.MALE, **BORN_IN, "birth_year": 2011},
        {"sex": Sex.UNKNOWN, "birth_year": 1985},
    ],
)
def test_what_is_critical_at_every_age_and_sex_that_the_person_may_have_is_told_to_the_doctor(
    clinic: Clinic, technician: Scope, person: dict[str, Any]
) -> None:
    _, order = send(clinic, "HGB", person=person)
    examined(technician, order, HGB=number("2.5"))
    [(_, result)] = verified(technician, order).calls
    assert (result.flag, result.low, result.high) == (Flag.CRITICAL_LOW, None, None)


def test_the_evenings_list_names_what_the_laboratory_has_left_until_it_is_answered_told_and_read(
    clinic: Clinic, technician: Scope
) -> None:
    def left() -> list[tuple[int, bool, bool]]:
        found = list_left_over(clinic.doctor, factories.EVENING.date())
        return [(one.unanswered, one.is_untold, one.is_unread) for one in found.orders]

    _, order = send(clinic, "POT", "CRP")
    assert left() == [(2, False, False)]
    examined(technician, order, POT=number("6.4"), CRP=number("3"))
    result = verified(technician, order).calls[0][1]
    assert left() == [(0, True, True)]
    with transaction(), acting_as(technician.user_id):
        lab.record_call(technician, order, result.key, told="Dr Murad")
    assert left() == [(0, False, True)]
    with transaction(), acting_as(clinic.doctor.user_id):
        lab.record_reading(clinic.doctor, order, last_of(technician, order))
    assert left() == []
    assert list_left_over(clinic.elsewhere, factories.EVENING.date()).orders == []


def test_a_critical_result_that_was_wrong_and_its_correction_read_is_left_to_nobody(
    clinic: Clinic, technician: Scope
) -> None:
    _, order = send(clinic, "POT")
    examined(technician, order, POT=number("6.4"))
    request, _ = verified(technician, order).calls[0]
    with transaction():
        lab.correct(technician, order, request.key, number("4.4"), because="haemolysed")
    assert [one.is_unread for one in list_left_over(clinic.doctor, factories.EVENING.date()).orders] == [True]
    with transaction(), acting_as(clinic.doctor.user_id):
        lab.record_reading(clinic.doctor, order)
    assert list_left_over(clinic.doctor, factories.EVENING.date()).orders == []


@pytest.mark.postgres
def test_a_critical_result_is_overdue_half_an_hour_after_its_verification_until_it_is_told_or_corrected(
    clinic: Clinic, technician: Scope
) -> None:
    late = factories.EVENING + timedelta(minutes=31)
    _, told = send(clinic, "POT")
    _, corrected = send(clinic, "POT")
    for order in (told, corrected):
        examined(technician, order, POT=number("6.4"))
        verified(technician, order)
    assert find_overdue(clinic.doctor, factories.EVENING + timedelta(minutes=30)) is None
    due = factories.EVENING + timedelta(minutes=30)
    assert find_overdue(clinic.doctor, late) == Overdue(2, due)
    assert find_overdue(clinic.elsewhere, late) is None
    with transaction(), acting_as(technician.user_id):
        lab.record_call(technician, told, get_order(technician, told).calls[0][1].key, told="Dr Murad")
    assert find_overdue(clinic.doctor, late) == Overdue(1, due)
    with transaction():
        request, _ = get_order(technician, corrected).calls[0]
        lab.correct(technician, corrected, request.key, number("4.4"), because="haemolysed")
    assert find_overdue(clinic.doctor, late) is None
