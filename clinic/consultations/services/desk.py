"""Acts at a doctor's desk: a draft is kept, a note is signed, left, or added to. Each stands for one business act."""

from collections.abc import Collection, Sequence

from sqlalchemy import case, delete, func, insert, literal, select

from clinic.consultations.models import Amendment, Consultation, ConsultationOrder, Diagnosis, Draft, IcdCode, NotePart
from clinic.consultations.queries.desk import Desk, get_desk, may_read
from clinic.consultations.queries.icd import list_titles
from clinic.consultations.queries.notes import Note, get_note
from clinic.consultations.rules import (
    ChartClosed,
    Content,
    DraftMoved,
    PartKind,
    State,
    Unsigned,
    ensure_called,
    ensure_may_sign,
    ensure_not_closed,
    ensure_own,
    ensure_reason,
)
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.tables import stale
from clinic.kernel.text import N_
from clinic.lab import services as lab
from clinic.lab.queries import list_orders
from clinic.pharmacy.services import NewLine, prescribe
from clinic.visits import services as visits
from clinic.visits.queries import get_place
from clinic.visits.rules import PlaceState


def open_desk(scope: Scope, visit_key: str) -> Desk:
    """Return the desk of a visit whose chart the caller may read. Raises NotFound, ChartClosed."""
    desk = get_desk(scope, visit_key)
    if not desk.is_known:
        _ensure_may_read(scope, desk.person.id)
    return desk


def open_note(scope: Scope, note_key: str, language: str) -> Note:
    """Return a closed note of a chart that the caller may read. Raises NotFound, ChartClosed."""
    note = get_note(scope, note_key, language)
    if note.clinician_id != scope.user_id:
        _ensure_may_read(scope, note.patient_id)
    return note


def keep_draft(scope: Scope, visit_key: str, content: Content, *, seen: int) -> int:
    """Keep what was typed, and begin the note with the first of it: whoever is written about is in the room.

    Return the draft's new version.

    Raises NotFound, ChartClosed, NotCalled, NoteClosed, and DraftMoved where another page saved since version `seen`.
    """
    desk = _writing_desk(scope, visit_key, seen)
    _begin(scope, desk)
    draft = _draft(scope, desk, content)
    db.session.flush()
    return draft.version


def sign(
    scope: Scope, visit_key: str, content: Content, *, orders: Sequence[NewLine] = (), seen: int, language: str
) -> str:
    """Sign the note and send its orders: after this nothing of it changes. Return the note's key.

    The draft goes, and the person is done at this desk. Raises NotFound, ChartClosed, NotCalled, NoteClosed,
    DraftMoved, Unsigned with the field that is missing, and what the pharmacy refuses of an order.
    """
    desk = _writing_desk(scope, visit_key, seen)
    ensure_may_sign(content)
    consultation = _begin(scope, desk)
    consultation.state, consultation.signed_at = State.SIGNED, now()
    _write_note(scope, consultation, content, language)
    _clear(desk)
    place_id = desk.place_id if desk.is_mine else None
    if orders:
        _send(scope, consultation, orders, place_id)
    elif place_id is not None:
        visits.finish(scope, place_id)
    if place_id is None:
        visits.end_away(scope, consultation.visit_id)
    return consultation.key


def abandon(scope: Scope, visit_key: str, content: Content, *, seen: int, reason: str) -> str:
    """Close the note of a person who left, as it stands: it can be read, and is never counted. Return its key.

    Orders are not sent. Raises NotFound, ChartClosed, NotCalled, NoteClosed, DraftMoved, Unsigned.
    """
    ensure_reason(reason)
    desk = _writing_desk(scope, visit_key, seen)
    consultation = _begin(scope, desk)
    consultation.state, consultation.abandoned_because = State.ABANDONED, reason
    _write_parts(scope, consultation, content)
    _clear(desk)
    if desk.is_mine and desk.place_id is not None:
        visits.leave(scope, desk.place_id, has_said_so=True)
    else:
        visits.end_away(scope, consultation.visit_id, has_left=True)
    return consultation.key


def order_tests(scope: Scope, visit_key: str, codes: Collection[str]) -> str:
    """Send tests to the laboratory while the note stays open, and let the person come back; return the order's key.

    Raises NotFound, ChartClosed, NotCalled, NoteClosed, and what the laboratory refuses.
    """
    desk = open_desk(scope, visit_key)
    ensure_not_closed(desk.state, desk.number)
    ensure_called(may_write=desk.may_write, number=desk.number)
    _begin(scope, desk)
    place_id = desk.place_id if desk.is_mine else None
    return lab.order_tests(scope, visit_id=desk.visit.id, patient_id=desk.person.id, codes=codes, place_id=place_id)


def read_results(scope: Scope, visit_key: str, order_key: str, last_key: str) -> None:
    """Note that the caller has read what the laboratory found on a visit, up to the result that came last.

    Raises NotFound, ChartClosed.
    """
    desk = open_desk(scope, visit_key)
    if order_key not in {order.key for order in list_orders(scope, desk.visit.id)}:
        raise NotFound(N_("There is no such laboratory order here."))
    lab.record_reading(scope, order_key, last_key)


def put_back(scope: Scope, place_key: str) -> None:
    """Let a person wait again whom the caller called by mistake. Raises NotFound, NotCalled."""
    _ensure_mine(scope, place_key)
    visits.put_back(scope, place_key)


def note_absent(scope: Scope, place_key: str) -> None:
    """Note that a person did not come whom the caller called three times. Raises NotFound, NotCalled, NotYetLeft."""
    _ensure_mine(scope, place_key)
    visits.leave(scope, place_key)


def amend(scope: Scope, note_key: str, *, text: str, reason: str) -> None:
    """Add to one's own signed note, with the reason; the note itself stands as it was.

    Raises NotFound, NotYours, Unsigned.
    """
    note = get_note(scope, note_key)
    ensure_own(is_own=note.clinician_id == scope.user_id, author=note.clinician)
    if not text:
        raise Unsigned(N_("Write what is to be added."), field="text")
    ensure_reason(reason)
    db.session.add(
        Amendment(consultation_id=note.id, text=text, reason=reason, author_id=scope.user_id, amended_at=now())
    )
    db.session.flush()


def _ensure_may_read(scope: Scope, patient_id: int) -> None:
    if not may_read(scope, patient_id):
        raise ChartClosed(
            N_("This person waits at none of your desks tonight, and you have not written in this chart before.")
        )


def _ensure_mine(scope: Scope, place_key: str) -> None:
    place = get_place(scope, place_key)
    ensure_called(may_write=place.served_by_id == scope.user_id, number=place.number)


def _writing_desk(scope: Scope, visit_key: str, seen: int) -> Desk:
    desk = open_desk(scope, visit_key)
    ensure_not_closed(desk.state, desk.number)
    ensure_called(may_write=desk.may_write, number=desk.number)
    if desk.version != seen:
        raise DraftMoved(desk.content, version=desk.version, saved_at=desk.saved_at)
    return desk


def _begin(scope: Scope, desk: Desk) -> Consultation:
    """Return the note of a desk, open; with the first word the person whom the caller has called is in the room."""
    if desk.is_mine and desk.place_id is not None and desk.place_state is not PlaceState.IN_ROOM:
        visits.start(scope, desk.place_id)
    if desk.consultation is not None:
        return desk.consultation
    consultation = Consultation(
        site_id=scope.site_id,
        visit_id=desk.visit.id,
        patient_id=desk.person.id,
        specialty_code=desk.specialty_code,
        clinician_id=scope.user_id,
        state=State.OPEN,
        opened_at=now(),
    )
    db.session.add(consultation)
    db.session.flush()
    return consultation


def _draft(scope: Scope, desk: Desk, content: Content) -> Draft:
    if desk.draft_id is None:
        draft = Draft(author_id=scope.user_id, visit_id=desk.visit.id)
        db.session.add(draft)
    else:
        draft = db.session.get_one(Draft, desk.draft_id)
    draft.body, draft.saved_at = content.as_json(), now()
    return draft


def _write_note(scope: Scope, consultation: Consultation, content: Content, language: str) -> None:
    _write_parts(scope, consultation, content)
    chosen = {one.code: one.case_type for one in content.diagnoses}
    code, place = IcdCode.code, {one: position for position, one in enumerate(chosen, 1)}
    title = getattr(IcdCode, f"title_{language}")
    written = db.session.connection().execute(
        insert(Diagnosis.__table__).from_select(
            ["consultation_id", "patient_id", "code", "title", "case_type", "position"],
            select(
                literal(consultation.id),
                literal(consultation.patient_id),
                code,
                func.coalesce(func.nullif(title, ""), IcdCode.title_en),
                case({one: case_type.value for one, case_type in chosen.items()}, value=code),
                case(place, value=code),
            ).where(code.in_(chosen)),
        ),
        execution_options={"preserve_rowcount": True},
    )
    if written.rowcount != len(chosen):
        known = list_titles(list(chosen), language)
        lost = next(one for one in chosen if one not in known)
        raise Unsigned(N_("%(code)s is not on the list of diagnoses any more."), field="diagnosis", code=lost)


def _send(scope: Scope, consultation: Consultation, orders: Sequence[NewLine], place_id: int | None) -> None:
    prescription_id = prescribe(
        scope,
        visit_id=consultation.visit_id,
        patient_id=consultation.patient_id,
        specialty_code=consultation.specialty_code,
        lines=orders,
        place_id=place_id,
    )
    link = {"consultation_id": consultation.id, "prescription_id": prescription_id}
    db.session.execute(insert(ConsultationOrder.__table__), [link])


def _write_parts(scope: Scope, consultation: Consultation, content: Content) -> None:
    parts = [
        {"consultation_id": consultation.id, "kind": kind, "text": content.part(kind), "author_id": scope.user_id}
        for kind in PartKind
        if content.part(kind)
    ]
    if parts:
        db.session.execute(insert(NotePart.__table__), parts)


def _clear(desk: Desk) -> None:
    """Let go of the draft; one that moved on meanwhile is refused as any other save of it."""
    db.session.flush()
    if desk.draft_id is None:
        return
    draft = Draft.__table__
    gone = db.session.connection().execute(
        delete(draft).where(draft.c.id == desk.draft_id, draft.c.version == desk.version)
    )
    if gone.rowcount != 1:
        raise stale()
