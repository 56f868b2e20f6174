"""What nurses did for a person, as the doctor reads it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.consultations.views.door import blueprint
from clinic.consultations.views.page import open_desk
from clinic.kernel.access import require, scope
from clinic.kernel.audit import record_read
from clinic.nursing.queries import list_contacts
from clinic.patients.queries import chart_ids
from clinic.visits import words
from clinic.visits.queries import banner


@blueprint.get("/<visit_key>/nursing")
@require(Permission.CONSULT)
def nursing(visit_key: str) -> ResponseReturnValue:
    """Show a person's nursing contacts."""
    mine, found = scope(), open_desk(visit_key)
    record_read("CHART", found.person.key)
    return render_template(
        "consultations/nursing.html",
        desk=found,
        contacts=list_contacts(chart_ids(mine, found.person.id)),
        said=words.banner_words(banner(mine, found.visit.id)),
    )
