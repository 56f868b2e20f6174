"""Acts at a doctor's desk: a draft is kept, a note is signed, left, or added to. Each stands for one business act."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert

from clinic.consultations.models import Amendment, Consultation, Diagnosis, Draft, NotePart
from clinic.consultations.queries.desk import Desk, get_desk, may_read
from clinic.consultations.queries.icd import list_titles
from clinic.consultations.queries.notes import get_note
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
    ensure_reason,
)
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.text import N_
from clinic.visits import services as visits
from clinic.visits.rules import PlaceState


@dataclass(frozen=True)
class Kept:
    """How a draft stands on the server."""

    version: int
    saved_at: datetime


def open_desk(scope: Scope, visit_key: str) -> Desk:
    """Return the desk of a visit whose chart the caller may read. Raises NotFound, ChartClosed."""
    desk = get_desk(scope, visit_key)
    if not may_read(scope, desk):
        raise ChartClosed(
            N_("This person waits at none of your desks tonight, and you have not written in this chart before.")
        )
    return desk


def keep_draft(scope: Scope, visit_key: str, content: Content, *, seen: int) -> Kept:
    """Keep what was typed, and begin the note with the first of it: whoever is written about is in the room.

    Raises NotFound, ChartClosed, NotCalled, NoteClosed, and DraftMoved where another page saved since version `seen`.
    """
    desk = _writing_desk(scope, visit_key, seen)
    _begin(scope, desk)
    draft = _draft(scope, desk, content)
    db.session.flush()
    return Kept(draft.version, draft.saved_at)


def sign(scope: Scope, visit_key: str, content: Content, *, seen: int, language: str) -> str:
    """Sign the note and send its orders: after this nothing of it changes. Return the note's key.

    The draft goes, and the person is done at this desk. Raises NotFound, ChartClosed, NotCalled, NoteClosed,
    DraftMoved, and Unsigned with the field that is missing.
    """
    desk = _writing_desk(scope, visit_key, seen)
    ensure_may_sign(content)
    consultation = _begin(scope, desk)
    consultation.state, consultation.signed_at = State.SIGNED, now()
    _write_note(scope, consultation, content, language)
    _clear(scope, desk)
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
    _clear(scope, desk, has_left=True)
    return consultation.key


def amend(scope: Scope, note_key: str, *, text: str, reason: str) -> None:
    """Add to a signed note, with the reason; the note itself stands as it was. Raises NotFound, Unsigned."""
    note = get_note(scope, note_key)
    if not text:
        raise Unsigned(N_("Write what is to be added."), field="text")
    ensure_reason(reason)
    db.session.add(
        Amendment(consultation_id=note.id, text=text, reason=reason, author_id=scope.user_id, amended_at=now())
    )
    db.session.flush()


def _writing_desk(scope: Scope, visit_key: str, seen: int) -> Desk:
    desk = open_desk(scope, visit_key)
    ensure_not_closed(desk.state, desk.number)
    ensure_called(may_write=desk.may_write, number=desk.number)
    if desk.version != seen:
        raise DraftMoved(desk.content, version=desk.version, saved_at=desk.saved_at)
    return desk


def _begin(scope: Scope, desk: Desk) -> Consultation:
    """Return the note of a desk, open; the first time the person is noted as being in the room."""
    if desk.consultation_id is not None:
        return db.session.get_one(Consultation, desk.consultation_id)
    if desk.place_id is not None and desk.place_state is not PlaceState.IN_ROOM:
        visits.start(scope, desk.place_id)
    consultation = Consultation(
        site_id=scope.site_id,
        visit_id=desk.visit_id,
        patient_id=desk.patient_id,
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
        draft = Draft(author_id=scope.user_id, visit_id=desk.visit_id)
        db.session.add(draft)
    else:
        draft = db.session.get_one(Draft, desk.draft_id)
    draft.body, draft.saved_at = content.as_json(), now()
    return draft


def _write_note(scope: Scope, consultation: Consultation, content: Content, language: str) -> None:
    _write_parts(scope, consultation, content)
    codes = [chosen.code for chosen in content.diagnoses]
    titles = list_titles(codes, language)
    for code in codes:
        if code not in titles:
            raise Unsigned(N_("%(code)s is not on the list of diagnoses any more."), field="diagnosis", code=code)
    db.session.execute(
        insert(Diagnosis.__table__),
        [
            {
                "consultation_id": consultation.id,
                "patient_id": consultation.patient_id,
                "code": chosen.code,
                "title": titles[chosen.code],
                "case_type": chosen.case_type,
                "position": position,
            }
            for position, chosen in enumerate(content.diagnoses, 1)
        ],
    )


def _write_parts(scope: Scope, consultation: Consultation, content: Content) -> None:
    parts = [
        {"consultation_id": consultation.id, "kind": kind, "text": content.part(kind), "author_id": scope.user_id}
        for kind in PartKind
        if content.part(kind)
    ]
    if parts:
        db.session.execute(insert(NotePart.__table__), parts)


def _clear(scope: Scope, desk: Desk, *, has_left: bool = False) -> None:
    """Let go of the draft and of the person."""
    if desk.draft_id is not None:
        db.session.execute(delete(Draft.__table__).where(Draft.__table__.c.id == desk.draft_id))
    db.session.flush()
    if desk.is_mine and desk.place_id is not None:
        if has_left:
            visits.leave(scope, desk.place_id, has_said_so=True)
        else:
            visits.finish(scope, desk.place_id)
