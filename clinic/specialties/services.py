"""Who practises what."""

from collections.abc import Collection

from sqlalchemy import select

from clinic.auth.queries import get_user
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.specialties.models import Practice
from clinic.specialties.queries import get_doctor
from clinic.specialties.rules import usual_of


def set_practice(scope: Scope, doctor_key: str, practised: Collection[str], *, usual: str | None) -> None:
    """Let a doctor of the site practise these specialties and no others. Raises NotFound, NotPractised."""
    first = usual_of(practised, usual)
    user_id = get_user(scope, get_doctor(scope, doctor_key).key).id
    held = {row.specialty_code: row for row in db.session.scalars(select(Practice).where(Practice.user_id == user_id))}
    for code in held.keys() - set(practised):
        db.session.delete(held[code])
    for code in practised:
        row = held.get(code) or Practice(user_id=user_id, specialty_code=code)
        row.is_default = code == first
        db.session.add(row)
    db.session.flush()
