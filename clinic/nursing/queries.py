"""Reads of nursing contacts: those of one person's chart."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.nursing.models import NursingAddition, NursingContact
from clinic.nursing.rules import ContactKind

MOST = 30


@dataclass(frozen=True)
class Added:
    """What was added to a contact, why, by whom and when."""

    text: str
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact with who signed it and what was added."""

    key: str
    visit_id: int
    kind: ContactKind
    text: str
    nurse_id: int
    nurse: str
    at: datetime
    additions: list[Added] = field(default_factory=list)


def list_contacts(chart: Collection[int]) -> list[Contact]:
    """Return the latest contacts of a chart, the newest first, in one statement."""
    latest = (
        select(NursingContact.id)
        .where(NursingContact.patient_id.in_(chart))
        .order_by(NursingContact.id.desc())
        .limit(MOST)
    )
    author = aliased(User)
    rows = db.session.execute(
        select(NursingContact, User.name_latin, NursingAddition, author.name_latin)
        .join(User, User.id == NursingContact.nurse_id)
        .outerjoin(NursingAddition, NursingAddition.contact_id == NursingContact.id)
        .outerjoin(author, author.id == NursingAddition.author_id)
        .where(NursingContact.id.in_(latest))
        .order_by(NursingContact.id.desc(), NursingAddition.id)
    )
    found: dict[int, Contact] = {}
    for contact, nurse, addition, added_by in rows:
        one = found.setdefault(
            contact.id,
            Contact(
                key=contact.key,
                visit_id=contact.visit_id,
                kind=contact.kind,
                text=contact.text,
                nurse_id=contact.nurse_id,
                nurse=nurse,
                at=contact.signed_at,
            ),
        )
        if addition is not None:
            one.additions.append(Added(addition.text, addition.reason, added_by, addition.at))
    return list(found.values())


def get_contact(scope: Scope, chart: Collection[int], key: str) -> NursingContact:
    """Return the site's contact of that key in a chart. Raises NotFound."""
    found = db.session.scalar(
        select(NursingContact).where(
            NursingContact.key == key,
            NursingContact.site_id == scope.site_id,
            NursingContact.patient_id.in_(chart),
        )
    )
    if found is None:
        raise NotFound(N_("There is no such contact here."))
    return found
