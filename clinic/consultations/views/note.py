"""A note that is closed: read as it was signed, with what was added since."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.consultations import forms, queries, services
from clinic.consultations.rules import ChartClosed
from clinic.consultations.views.door import blueprint, lead
from clinic.consultations.views.rail import read_rail
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.audit import record_read
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.lab.queries import list_orders
from clinic.visits import words
from clinic.visits.queries import banner, list_begun

UNPROCESSABLE = 422


@blueprint.get("/note/<note_key>")
@require(Permission.CONSULT)
def note(note_key: str) -> ResponseReturnValue:
    """Show a closed note of a chart that the doctor may read."""
    found = _open(note_key)
    record_read("NOTE", found.key)
    return _page(found, forms.AmendForm())


@blueprint.post("/note/<note_key>")
@require(Permission.CONSULT)
def amend(note_key: str) -> ResponseReturnValue:
    """Add to a signed note, with the reason; the note itself does not change."""
    mine, form = scope(), forms.AmendForm()
    here = url_for("consultations.note", note_key=note_key)
    if form.validate():
        added = {"text": form.text.data or "", "reason": form.reason.data or ""}
        try:
            with transaction():
                claim = once(mine.user_id, f"desk.amend {note_key}", form.op.data or "", added)
                if not claim.is_repeat:
                    services.amend(mine, note_key, **added)
                    claim.answered(here)
            return lead(claim.answer)
        except DomainError as refusal:
            form.refuse(refusal)
    return _page(_open(note_key), form), UNPROCESSABLE


def _open(note_key: str) -> queries.Note:
    """Return a closed note; one of a chart that stays closed is on record as asked for."""
    try:
        return services.open_note(scope(), note_key, i18n.language())
    except ChartClosed:
        record_read("NOTE", note_key, act="REFUSED")
        raise


def _page(found: queries.Note, form: forms.AmendForm) -> str:
    mine = scope()
    return render_template(
        "consultations/note.html",
        note=found,
        form=form,
        begun=list_begun(found.visit_id, until=found.at if found.is_signed else None),
        may_amend=found.is_signed and found.clinician_id == mine.user_id,
        said=words.banner_words(banner(mine, found.visit_id)),
        laboratory=list_orders(mine, found.visit_id),
        rail=read_rail(mine),
        call_form=forms.CallForm(),
    )
