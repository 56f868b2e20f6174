"""What the counter needs: one prescription with its lots in sight, the rail, what is owed, what was handed out."""

from sqlalchemy import select

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.text import N_
from clinic.pharmacy.models import Prescription
from clinic.pharmacy.queries.lines import PrescriptionRow, with_lines
from clinic.visits.models import Visit


def get_prescription(scope: Scope, key: str) -> PrescriptionRow:
    """Return the site's prescription of that key with its lines, in two statements."""
    found = db.session.execute(
        select(Prescription, User.name_latin, Visit.number)
        .join(User, User.id == Prescription.prescriber_id)
        .join(Visit, Visit.id == Prescription.visit_id)
        .where(Prescription.site_id == scope.site_id, Prescription.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such prescription here."))
    prescription, prescriber, number = found
    return with_lines([(prescription, prescriber, number)])[0]
