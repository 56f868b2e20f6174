"""A nursing contact is signed as it is written, and added to afterwards with a reason."""

from clinic.auth.queries import get_user_by_id
from clinic.kernel.access import Scope
from clinic.kernel.clock import now, today
from clinic.kernel.db import db
from clinic.kernel.text import N_
from clinic.nursing.models import NursingAddition, NursingContact
from clinic.nursing.queries import get_contact
from clinic.nursing.rules import ContactKind, ensure_own, ensure_reason, ensure_said
from clinic.patients.queries import chart_ids
from clinic.visits.queries import get_visit
from clinic.visits.rules import VisitOver


def sign_contact(scope: Scope, visit_key: str, *, kind: ContactKind, text: str) -> str:
    """Write down and sign what was done for the person of tonight's visit; return the contact's key.

    Raises NotFound, VisitOver for a visit of another evening, Incomplete.
    """
    ensure_said(text)
    visit = get_visit(scope, visit_key)
    if visit.day != today():
        raise VisitOver(N_("That visit, no. %(number)s, is over. Check the person in anew."), number=visit.number)
    contact = NursingContact(
        site_id=scope.site_id,
        visit_id=visit.id,
        patient_id=visit.patient_id,
        kind=kind,
        text=text,
        nurse_id=scope.user_id,
        signed_at=now(),
    )
    db.session.add(contact)
    db.session.flush()
    return contact.key


def add_to_contact(scope: Scope, visit_key: str, key: str, *, text: str, reason: str) -> None:
    """Add to one's own signed contact with the person of a visit, with the reason.

    Raises NotFound, NotYours, Incomplete.
    """
    contact = get_contact(scope, chart_ids(scope, get_visit(scope, visit_key).patient_id), key)
    ensure_own(is_own=contact.nurse_id == scope.user_id, nurse=get_user_by_id(scope, contact.nurse_id).name_latin)
    ensure_said(text)
    ensure_reason(reason)
    db.session.add(NursingAddition(contact_id=contact.id, text=text, reason=reason, author_id=scope.user_id, at=now()))
    db.session.flush()
