from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from clinic.auth.models import User
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
from clinic.lab.queries import (
    Unread,
    count_unread,
    get_order,
    list_chart_orders,
    list_open_orders,
    list_unread,
    worklist,
)
from clinic.lab.rules import (
    BadResult,
    CancelReason,
    Condition,
    Flag,
    NothingOrdered,
    NotReady,
    OrderedAlready,
    RequestState,
    SpecimenKind,
    Told,
)
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


MINUTES = timedelta(minutes=1)


def test_the_second_wait_begins_when_the_person_comes_back_and_the_first_is_kept(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP")
    examined(technician, order, CRP=number("3"))
    with clock.frozen(factories.EVENING + 40 * MINUTES):
        verified(technician, order)
    back = place_of(seen)
    assert (back.first_queued_at, back.first_called_at) == (factories.EVENING, factories.EVENING)
    assert (back.queued_at, back.called_at) == (factories.EVENING + 40 * MINUTES, None)


def test_nobody_waits_for_what_is_answered_after_the_evening_closes(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "CRP", "TSH")
    examined(technician, order, CRP=number("3"))
    assert place_of(seen).state is PlaceState.AWAY
    verified(technician, order)
    assert place_of(seen).state is PlaceState.WAITING
    late, slow = send(clinic, "TSH")
    with transaction():
        lab.collect(technician, slow)
    assert place_of(late).state is PlaceState.WAITING


def test_nobody_waits_for_what_another_doctor_ordered(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "CRP")
    with transaction(), acting_as(clinic.colleague.user_id):
        lab.order_tests(
            clinic.colleague, visit_id=seen.visit_id, patient_id=seen.patient_id, codes=["HGB"], place_id=None
        )
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    assert place_of(seen).state is PlaceState.WAITING


def test_a_critical_result_brings_the_person_back_whatever_is_still_awaited(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "POT", "CRP")
    examined(technician, order, POT=number("5"))
    verified(technician, order)
    assert place_of(seen).state is PlaceState.AWAY
    critical, order = send(clinic, "POT", "CRP")
    examined(technician, order, POT=number("6.8"))
    verified(technician, order)
    assert place_of(critical).state is PlaceState.WAITING
    corrected, order = send(clinic, "POT", "CRP")
    examined(technician, order, POT=number("5"))
    key = next(one.key for one in verified(technician, order).requests if one.code == "POT")
    with transaction():
        lab.correct(technician, order, key, number("6.8"), because="The tubes were exchanged")
    assert place_of(corrected).state is PlaceState.WAITING


def test_a_doctor_who_reads_and_signs_without_calling_is_done_with_the_person(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP")
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.sign(clinic.doctor, seen.visit_key, content("J00"), seen=1, language="en")
    assert place_of(seen).state is PlaceState.DONE


def test_the_first_word_after_the_second_call_says_that_the_person_is_in_the_room(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP")
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    clinic.call(seen)
    assert place_of(seen).state is PlaceState.CALLED
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.keep_draft(clinic.doctor, seen.visit_key, content("J00", complaint="Better"), seen=1)
    assert place_of(seen).state is PlaceState.IN_ROOM


def test_of_two_orders_of_one_person_the_one_to_be_taken_opens_and_the_person_stays_until_both_are(
    clinic: Clinic, technician: Scope
) -> None:
    seen, first = send(clinic, "CRP")
    with transaction(), acting_as(clinic.colleague.user_id):
        second = lab.order_tests(
            clinic.colleague, visit_id=seen.visit_id, patient_id=seen.patient_id, codes=["UPROT"], place_id=None
        )
    with transaction():
        lab.collect(technician, first)
    work = worklist(technician)
    [place] = work.places
    opened = work.of(place)
    assert opened is not None
    assert opened.key == second
    with transaction():
        lab.collect(technician, second)
    assert worklist(technician).places == []


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
    assert (count_unread(clinic.doctor), count_unread(clinic.colleague)) == (Unread(1, 1), Unread(0, 0))
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
    for wrong in ({"condition": None, "because": "x"}, {"condition": Condition.CLOTTED, "because": ""}):
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
def test_a_specimen_is_refused_on_the_bench_too_and_what_was_written_of_it_goes(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "POT", "UPROT")
    row = examined(technician, order, POT=number("6.8"), UPROT=Told(words="NEGATIVE"))
    serum, urine = sorted(row.specimens, key=lambda one: one.kind != SpecimenKind.SERUM)
    with transaction():
        lab.reject(technician, order, serum.key, condition=Condition.HAEMOLYSED, because="Red after spinning")
    row = get_order(technician, order)
    assert {one.code: (one.state, len(one.results)) for one in row.requests} == {
        "POT": (RequestState.ORDERED, 0),
        "UPROT": (RequestState.ENTERED, 1),
    }
    assert [(one.number, one.is_rejected) for one in row.specimens] == [(serum.number, True), (urine.number, False)]
    assert (row.rejected[0].because, row.rejected[0].rejected_at) == ("Red after spinning", factories.EVENING)
    assert [place.visit_id for place in worklist(technician).places] == [seen.visit_id]
    verified(technician, order)
    refused = {"condition": Condition.LEAKED, "because": "x"}
    assert isinstance(refusal_of(lab.reject, technician, order, urine.key, **refused), NotReady)
    assert isinstance(refusal_of(lab.receive, technician, order), NotReady)
    with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
        session.execute(text("DELETE FROM lab_rejection"))


def test_a_specimen_is_refused_the_next_morning_though_the_visit_is_over(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "UCX")
    with transaction():
        lab.collect(technician, order)
    with transaction(), acting_as(clinic.doctor.user_id):
        consultations.sign(clinic.doctor, seen.visit_key, content("J00"), seen=1, language="en")
    [cup] = get_order(technician, order).specimens
    with clock.frozen(factories.EVENING + timedelta(hours=15)):
        with transaction():
            lab.reject(technician, order, cup.key, condition=Condition.LEAKED, because="The lid was open")
        work = worklist(technician)
        assert (work.places, [one.key for one in work.orders]) == ([], [order])
        assert get_order(technician, order).of(RequestState.ORDERED) != []


def test_who_leaves_before_the_draw_is_not_waited_for_and_goes_back_to_the_doctors_queue(
    clinic: Clinic, technician: Scope
) -> None:
    seen, order = send(clinic, "CRP", "UPROT")
    row = get_order(technician, order)
    keys = [one.key for one in row.requests]
    assert isinstance(refusal_of(lab.cancel, technician, order, keys, None), BadResult)
    assert isinstance(refusal_of(lab.cancel, technician, order, [], CancelReason.DECLINED), BadResult)
    assert isinstance(refusal_of(lab.cancel, technician, order, ["none"], CancelReason.DECLINED), NotFound)
    with transaction():
        lab.cancel(technician, order, keys, CancelReason.DID_NOT_COME)
    work, row = worklist(technician), get_order(technician, order)
    assert (work.places, work.orders, row.is_done, row.is_unread) == ([], [], True, False)
    assert {one.cancelled_by for one in row.requests} == {db.session.get_one(User, technician.user_id).name_latin}
    assert list_left_over(clinic.doctor, factories.EVENING.date()).orders == []
    assert place_of(seen).state is PlaceState.WAITING
    states = select(QueuePlace.state).where(QueuePlace.visit_id == seen.visit_id)
    assert PlaceState.LEFT in db.session.scalars(states).all()
    assert isinstance(refusal_of(lab.cancel, technician, order, keys, CancelReason.DECLINED), NotReady)
    with transaction(), acting_as(clinic.doctor.user_id):
        lab.order_tests(clinic.doctor, visit_id=seen.visit_id, patient_id=seen.patient_id, codes=["CRP"], place_id=None)


def test_a_test_that_is_not_done_keeps_nobody_waiting_for_it(clinic: Clinic, technician: Scope) -> None:
    seen, order = send(clinic, "CRP", "HGB")
    examined(technician, order, CRP=number("3"))
    verified(technician, order)
    assert place_of(seen).state is PlaceState.AWAY
    open_test = next(one.key for one in get_order(technician, order).open)
    with transaction():
        lab.cancel(technician, order, [open_test], CancelReason.IMPOSSIBLE)
    assert place_of(seen).state is PlaceState.WAITING
    assert list_open_orders(technician) == []
    assert isinstance(refusal_of(lab.enter, technician, order, {open_test: number("12")}), NotReady)


def test_the_next_order_is_tonights_before_what_another_evening_left(clinic: Clinic, technician: Scope) -> None:
    _, old = send(clinic, "TSH")
    with clock.frozen(factories.EVENING + timedelta(days=1)):
        _, taken = send(clinic, "CRP")
        with transaction():
            lab.collect(technician, taken)
        work = worklist(technician)
        assert [one.key for one in work.orders] == [old, taken]
        assert work.next is not None
        assert work.next.key == taken
        _, waiting = send(clinic, "HGB")
        following = worklist(technician).next
        assert following is not None
        assert following.key == waiting
        _, critical = send(clinic, "POT")
        examined(technician, critical, POT=number("6.8"))
        verified(technician, critical)
        urgent = worklist(technician).next
        assert urgent is not None
        assert urgent.key == critical


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
    send(clinic, "CRP")
    [kept], unread = list_chart_orders(clinic.doctor, [seen.patient_id])
    assert unread == Unread(1, 0)
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
        lab.record_reading(clinic.doctor, order, last_of(technician, order))
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
