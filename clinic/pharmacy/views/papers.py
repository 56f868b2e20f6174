"""What was handed out, its labels, and the slip of what is owed."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel.access import require, scope, subject
from clinic.kernel.audit import record_read
from clinic.kernel.errors import NotFound
from clinic.kernel.i18n import in_language
from clinic.kernel.pdf import render_pdf
from clinic.kernel.text import N_
from clinic.patients.queries import PatientCard, card_of, get_patient_by_id
from clinic.pharmacy.labels import Bag, Label, write_label
from clinic.pharmacy.queries.handouts import LABELS, Handout, count_prints, get_handout
from clinic.pharmacy.queries.lines import get_prescription
from clinic.pharmacy.views.blueprint import blueprint
from clinic.pharmacy.views.page import language_of, paper, read_rail
from clinic.sites.queries import get_site
from clinic.visits.words import names


@blueprint.get("/handouts/<key>")
@require(Permission.DISPENSE)
def handout(key: str) -> ResponseReturnValue:
    """Show what was handed out and its labels, to be printed, and who is next."""
    mine = scope()
    found = get_handout(mine, key)
    record_read("dispense", key)
    person = card_of(get_patient_by_id(mine, found.prescription.patient_id))
    return render_template(
        "pharmacy/handout.html",
        handout=found,
        name=names(person)[0],
        labels=_labels(found, person),
        label_language=language_of(person.label_language),
        paper=paper(),
        prints=count_prints(key),
        rail=read_rail(mine),
    )


@blueprint.get("/handouts/<key>/labels.pdf")
@require(Permission.DISPENSE)
def labels(key: str) -> ResponseReturnValue:
    """Print the labels of what was handed out, one for each medicine; every print is on record."""
    mine = scope()
    found = get_handout(mine, key)
    person = card_of(get_patient_by_id(mine, found.prescription.patient_id))
    written = _labels(found, person)
    record_read(LABELS, key, {"labels": len(written)}, act="PRINT")
    with in_language(language_of(person.label_language)):
        return _paper(render_pdf("pharmacy/labels.pdf.html", labels=written), f"labels-{key}.pdf")


@blueprint.get("/<key>/owed.pdf")
@require(Permission.DISPENSE)
def slip(key: str) -> ResponseReturnValue:
    """Print what is still owed of a prescription, in the person's language with a Turkish line beneath."""
    mine = scope()
    prescription = get_prescription(mine, key)
    owed = [line for line in prescription.lines if line.owed is not None]
    if not owed:
        raise NotFound(N_("Nothing of this prescription is owed."))
    person = card_of(get_patient_by_id(mine, prescription.patient_id))
    record_read("owing_slip", key, act="PRINT")
    with in_language(language_of(person.label_language)):
        return _paper(
            render_pdf(
                "pharmacy/owed.pdf.html",
                lines=owed,
                card=person,
                number=prescription.visit_number,
                site=get_site(mine),
                is_demo=subject().is_demo,
            ),
            f"owed-{key}.pdf",
        )


def _labels(found: Handout, person: PatientCard) -> list[Label]:
    bag = Bag(
        person=person,
        site=found.site,
        number=found.prescription.visit_number,
        on=found.day,
        is_demo=subject().is_demo,
        paper=paper(),
    )
    language = language_of(person.label_language)
    return [
        write_label(one.line, one.lots, bag, part=part, of=len(found.given), language=language)
        for part, one in enumerate(found.given, start=1)
    ]


def _paper(pdf: bytes, name: str) -> Response:
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
