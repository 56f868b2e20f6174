from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from clinic.consultations import queries, services
from clinic.consultations.models import Amendment, Consultation, Diagnosis, Draft, NotePart
from clinic.consultations.rules import (
    NOTHING,
    ChartClosed,
    Content,
    DraftMoved,
    NotCalled,
    NoteClosed,
    NotYours,
    State,
    Unsigned,
    joined,
)
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import NotFound, Stale
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import PlaceState
from tests import factories
from tests.clinic.consultations.evening import Clinic, Seen, content

pytestmark = pytest.mark.usefixtures("context")


def keep(scope: Scope, seen: Seen, typed: Content, *, since: int = 0) -> int:
    with transaction():
        return services.keep_draft(scope, seen.visit_key, typed, seen=since)


def sign(scope: Scope, seen: Seen, typed: Content, *, since: int = 0) -> str:
    with transaction():
        return services.sign(scope, seen.visit_key, typed, orders=(), seen=since, language="en")


def place_state(seen: Seen) -> PlaceState:
    return db.session.scalars(select(QueuePlace.state).where(QueuePlace.id == seen.place_id)).one()


# ---- drafts --------------------------------------------------------------------------------------------------------


def test_the_first_words_begin_the_note_and_put_the_person_in_the_room(clinic: Clinic) -> None:
    seen, noise = clinic.called(), clinic.called()
    assert queries.get_desk(clinic.doctor, seen.visit_key).state is None
    keep(clinic.doctor, seen, content("J00"))
    desk = queries.get_desk(clinic.doctor, seen.visit_key)
    assert (desk.state, desk.version, desk.saved_at, desk.specialty_code) == (State.OPEN, 1, clock.now(), "GP")
    assert desk.content == content("J00")
    assert place_state(seen) is PlaceState.IN_ROOM
    assert place_state(noise) is PlaceState.CALLED
    assert queries.get_desk(clinic.doctor, noise.visit_key).content == NOTHING


def test_everything_typed_comes_back_on_another_day_and_another_machine(clinic: Clinic) -> None:
    seen = clinic.called()
    typed = content("J00", findings="<img onerror=alert(1)>\nحلق أحمر", plan="iç, dinlen")
    keep(clinic.doctor, seen, typed)
    db.session.remove()
    desk = queries.get_desk(clinic.doctor, seen.visit_key)
    assert desk.content == typed
    assert [(note.visit_key, note.state) for note in queries.list_own_notes(clinic.doctor)] == [
        (seen.visit_key, State.OPEN)
    ]
    assert queries.list_own_notes(clinic.colleague) == []


def test_a_second_window_is_refused_with_both_texts_and_nothing_is_overwritten(clinic: Clinic) -> None:
    seen = clinic.called()
    first = keep(clinic.doctor, seen, content(complaint="fever"))
    second = keep(clinic.doctor, seen, content("J00", complaint="fever and cough"), since=first)
    with pytest.raises(DraftMoved) as refusal:
        keep(clinic.doctor, seen, content(complaint="rash"), since=first)
    assert refusal.value.kept == content("J00", complaint="fever and cough")
    assert refusal.value.version == second
    assert queries.get_desk(clinic.doctor, seen.visit_key).content == content("J00", complaint="fever and cough")
    with pytest.raises(DraftMoved):
        keep(clinic.doctor, seen, content(complaint="rash"), since=0)
    with pytest.raises(DraftMoved):
        sign(clinic.doctor, seen, content("J00", complaint="rash"), since=first)
    assert keep(clinic.doctor, seen, joined(refusal.value.kept, content(complaint="rash")), since=second) == 3


@pytest.mark.postgres
def test_a_version_that_moves_between_reading_and_writing_is_refused_by_the_database(clinic: Clinic) -> None:
    seen = clinic.called()
    keep(clinic.doctor, seen, content(complaint="fever"))
    with pytest.raises(Stale), transaction() as session:
        draft = session.scalars(select(Draft)).one()
        session.connection().execute(update(Draft.__table__).values(version=7))
        draft.body = {"parts": {}}
    assert queries.get_desk(clinic.doctor, seen.visit_key).content == content(complaint="fever")


def test_two_doctors_of_one_visit_have_a_draft_each(clinic: Clinic) -> None:
    seen = clinic.called()
    keep(clinic.doctor, seen, content(complaint="fever"))
    with transaction():
        point_id = factories.point_of(clinic.surgeon.site_id, "SUR")
        visits.call(clinic.surgeon, visits.open_place(clinic.surgeon, seen.visit_id, point_id))
    keep(clinic.surgeon, seen, content(complaint="belly"))
    assert queries.get_desk(clinic.doctor, seen.visit_key).content == content(complaint="fever")
    assert queries.get_desk(clinic.surgeon, seen.visit_key).content == content(complaint="belly")


# ---- who may -------------------------------------------------------------------------------------------------------


def test_a_colleague_of_the_specialty_reads_the_chart_and_writes_only_after_calling(clinic: Clinic) -> None:
    seen = clinic.arrive()
    assert services.open_desk(clinic.colleague, seen.visit_key).may_write is False
    with pytest.raises(NotCalled):
        keep(clinic.colleague, seen, content())
    clinic.call(seen, by=clinic.colleague)
    assert services.open_desk(clinic.colleague, seen.visit_key).may_write is True
    assert services.open_desk(clinic.doctor, seen.visit_key).may_write is False


def test_a_chart_is_closed_to_another_specialty_and_to_another_site(clinic: Clinic) -> None:
    seen = clinic.called()
    with pytest.raises(ChartClosed):
        services.open_desk(clinic.surgeon, seen.visit_key)
    with pytest.raises(ChartClosed):
        keep(clinic.surgeon, seen, content())
    with pytest.raises(NotFound):
        services.open_desk(clinic.elsewhere, seen.visit_key)


def test_whoever_covers_and_called_the_person_reads_and_writes(clinic: Clinic) -> None:
    seen = clinic.called("GP", by=clinic.surgeon)
    assert services.open_desk(clinic.surgeon, seen.visit_key).may_write is True
    assert keep(clinic.surgeon, seen, content()) == 1
    assert queries.get_desk(clinic.surgeon, seen.visit_key).specialty_code == "GP"


def test_whoever_wrote_in_the_chart_reads_it_on_a_later_visit_also_after_a_merge(clinic: Clinic) -> None:
    seen = clinic.called()
    sign(clinic.doctor, seen, content("J00"))
    with transaction() as session:
        for place in session.scalars(select(QueuePlace).where(QueuePlace.visit_id == seen.visit_id)):
            place.state = PlaceState.CANCELLED
        session.get_one(Visit, seen.visit_id).closed_at = clock.now()
    with clock.frozen(clock.at(clock.today().replace(day=25), 18)):
        later = clinic.come_again(seen.patient_id, seen.patient_key, "SUR")
        assert services.open_desk(clinic.doctor, later.visit_key).may_write is False
        with pytest.raises(ChartClosed):
            services.open_desk(clinic.colleague, later.visit_key)
        survivor = factories.create_patient(clinic.registrar)
        with transaction() as session:
            session.get_one(type(survivor), seen.patient_id).survivor_id = survivor.id
        assert queries.may_read(clinic.doctor, survivor.id)
        assert not queries.may_read(clinic.colleague, survivor.id)
        assert queries.may_read(clinic.surgeon, survivor.id)


def test_a_place_left_open_on_an_earlier_evening_opens_no_chart(clinic: Clinic) -> None:
    seen = clinic.arrive()
    with clock.frozen(clock.at(clock.today().replace(day=25), 18)), pytest.raises(ChartClosed):
        services.open_desk(clinic.doctor, seen.visit_key)


# ---- signing -------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_signature_keeps_the_note_clears_the_draft_and_lets_the_person_go(clinic: Clinic) -> None:
    seen, noise = clinic.called(), clinic.called()
    keep(clinic.doctor, noise, content("J02.9", complaint="noise"))
    since = keep(clinic.doctor, seen, content("J00"))
    key = sign(clinic.doctor, seen, content("J00", "I10", findings="Throat red", plan="Rest"), since=since)
    note = queries.get_note(clinic.doctor, key, "tr")
    assert (note.state, note.at, note.clinician, note.specialty_code) == (
        State.SIGNED,
        clock.now(),
        "Tarek Erdem",
        "GP",
    )
    assert {kind.value: words for kind, words in note.parts.items()} == {
        "COMPLAINT": "Cough 4 days",
        "FINDINGS": "Throat red",
        "PLAN": "Rest",
    }
    assert [(one.code, one.title, one.title_here) for one in note.diagnoses] == [
        ("J00", "Common cold", "tr Common cold"),
        ("I10", "Essential hypertension", "tr Essential hypertension"),
    ]
    assert place_state(seen) is PlaceState.DONE
    assert [(note.visit_key, note.state) for note in queries.list_own_notes(clinic.doctor)] == [
        (noise.visit_key, State.OPEN),
        (seen.visit_key, State.SIGNED),
    ]
    assert db.session.scalars(select(Draft.visit_id)).all() == [noise.visit_id]
    assert queries.get_desk(clinic.doctor, seen.visit_key).is_signed


def test_a_note_may_be_signed_that_was_never_kept_as_a_draft(clinic: Clinic) -> None:
    seen = clinic.called()
    sign(clinic.doctor, seen, content("J00"))
    assert place_state(seen) is PlaceState.DONE


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (content("J00", complaint=""), "complaint"),
        (content(), "diagnosis"),
        (content("J00", "Q99"), "diagnosis"),
    ],
)
def test_what_every_note_has_is_asked_for_and_nothing_is_signed_without(
    clinic: Clinic, typed: Content, field: str
) -> None:
    seen = clinic.called()
    since = keep(clinic.doctor, seen, typed)
    with pytest.raises(Unsigned) as refusal:
        sign(clinic.doctor, seen, typed, since=since)
    assert refusal.value.field == field
    desk = queries.get_desk(clinic.doctor, seen.visit_key)
    assert (desk.state, desk.content) == (State.OPEN, typed)
    assert place_state(seen) is PlaceState.IN_ROOM
    assert db.session.scalar(select(func.count()).select_from(NotePart)) == 0


def test_a_signed_note_takes_no_more_drafts_and_no_second_signature(clinic: Clinic) -> None:
    seen = clinic.called()
    sign(clinic.doctor, seen, content("J00"))
    for act in (keep, sign):
        with pytest.raises(NoteClosed):
            act(clinic.doctor, seen, content("J00"))


def test_the_signature_and_its_author_are_on_record_and_the_text_is_not(clinic: Clinic) -> None:
    seen = clinic.called()
    sign(clinic.doctor, seen, content("J00", complaint="secret words"))
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.table_name == "consultation")).all()
    assert [event.act for event in events] == ["CREATE", "UPDATE"]
    assert "state" in events[1].detail["changed"]
    assert "secret words" not in str([event.detail for event in db.session.scalars(select(AuditEvent))])


# ---- leaving -------------------------------------------------------------------------------------------------------


def test_a_person_who_left_closes_the_note_with_a_reason_and_may_come_back(clinic: Clinic) -> None:
    seen = clinic.called()
    since = keep(clinic.doctor, seen, content(complaint="fever"))
    with transaction():
        key = services.abandon(
            clinic.doctor, seen.visit_key, content(complaint="fever"), seen=since, reason="went home, child alone"
        )
    note = queries.get_note(clinic.doctor, key)
    assert (note.state, note.abandoned_because, list(note.parts.values())) == (
        State.ABANDONED,
        "went home, child alone",
        ["fever"],
    )
    assert place_state(seen) is PlaceState.LEFT
    with transaction():
        visits.call(
            clinic.doctor,
            visits.open_place(clinic.doctor, seen.visit_id, factories.point_of(clinic.doctor.site_id, "GP")),
        )
    again = sign(clinic.doctor, seen, content("J00"))
    assert again != key
    assert [note.key for note in queries.list_earlier((seen.patient_id,), "en")] == [again, key]


@pytest.mark.parametrize("reason", ["", "x", "x" * 201])
def test_leaving_needs_a_reason(clinic: Clinic, reason: str) -> None:
    seen = clinic.called()
    with pytest.raises(Unsigned), transaction():
        services.abandon(clinic.doctor, seen.visit_key, NOTHING, seen=0, reason=reason)
    assert place_state(seen) is PlaceState.CALLED


# ---- amendments ----------------------------------------------------------------------------------------------------


def test_an_amendment_stands_beside_the_note_with_its_reason_and_author(clinic: Clinic) -> None:
    seen = clinic.called()
    key = sign(clinic.doctor, seen, content("J00"))
    with transaction():
        services.amend(clinic.doctor, key, text="Penicillin rash in 2019", reason="told later")
    note = queries.get_note(clinic.colleague, key)
    assert [(one.text, one.reason, one.author) for one in note.amendments] == [
        ("Penicillin rash in 2019", "told later", "Tarek Erdem")
    ]
    assert list(note.parts.values()) == ["Cough 4 days"]


def test_only_the_author_adds_to_a_note_and_whoever_may_read_the_chart_reads_it(clinic: Clinic) -> None:
    seen = clinic.called()
    key = sign(clinic.doctor, seen, content("J00"))
    with pytest.raises(NotYours), transaction():
        services.amend(clinic.colleague, key, text="more", reason="told later")
    assert services.open_note(clinic.doctor, key, "en").amendments == []
    with pytest.raises(ChartClosed):
        services.open_note(clinic.colleague, key, "en")
    with transaction():
        visits.open_place(clinic.nurse, seen.visit_id, factories.point_of(clinic.nurse.site_id, "GP"))
    assert services.open_note(clinic.colleague, key, "en").key == key
    with pytest.raises(NotFound):
        services.open_note(factories.create_desk(), key, "en")


@pytest.mark.parametrize(("words", "reason", "field"), [("", "told later", "text"), ("rash", "", "reason")])
def test_an_amendment_needs_words_and_a_reason(clinic: Clinic, words: str, reason: str, field: str) -> None:
    key = sign(clinic.doctor, clinic.called(), content("J00"))
    with pytest.raises(Unsigned) as refusal, transaction():
        services.amend(clinic.doctor, key, text=words, reason=reason)
    assert refusal.value.field == field


def test_earlier_notes_are_those_of_the_chart_alone_newest_first(clinic: Clinic) -> None:
    first = clinic.called()
    key = sign(clinic.doctor, first, content("J00"))
    sign(clinic.doctor, clinic.called(), content("I10"))
    notes = queries.list_earlier((first.patient_id,), "ar")
    assert [(note.key, note.diagnoses[0].title_here, note.parts) for note in notes] == [(key, "ar Common cold", {})]
    assert queries.list_earlier((first.patient_id,), "en", but=db.session.get_one(Consultation, notes[0].id)) == []


# ---- what the database refuses -------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    [
        lambda: update(Consultation.__table__).values(specialty_code="SUR"),
        lambda: delete(Consultation.__table__),
        lambda: update(NotePart.__table__).values(text="other"),
        lambda: delete(NotePart.__table__),
        lambda: update(Diagnosis.__table__).values(title="other"),
        lambda: delete(Diagnosis.__table__),
        lambda: update(Amendment.__table__).values(text="other"),
        lambda: delete(Amendment.__table__),
        lambda: text("UPDATE consultation SET state = 'OPEN', signed_at = NULL"),
    ],
)
def test_no_statement_changes_what_was_signed(clinic: Clinic, change: Callable[[], Any]) -> None:
    key = sign(clinic.doctor, clinic.called(), content("J00"))
    with transaction():
        services.amend(clinic.doctor, key, text="more", reason="told later")
    with pytest.raises(IntegrityError), transaction() as session:
        session.connection().execute(change(), execution_options={"audit_by_hand": True})


@pytest.mark.postgres
def test_no_object_changes_what_was_signed(clinic: Clinic) -> None:
    key = sign(clinic.doctor, clinic.called(), content("J00"))
    with pytest.raises(IntegrityError), transaction() as session:
        session.scalars(select(Consultation).where(Consultation.key == key)).one().state = State.OPEN
    with pytest.raises(IntegrityError), transaction() as session:
        session.delete(session.scalars(select(NotePart)).one())
    assert queries.get_note(clinic.doctor, key).is_signed
