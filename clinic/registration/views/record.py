"""Who a person is, on one page: seen, corrected, given another paper. Nothing of their care stands here."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import audit
from clinic.kernel.access import require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError, Stale
from clinic.kernel.i18n import _
from clinic.kernel.operations import once
from clinic.patients.models import Patient
from clinic.patients.queries import card_of, get_by_record_number, get_patient, list_household, list_identifiers
from clinic.patients.rules import CHECK_DIGIT, Language, LegalStatus, Phone, asks_for_new_number, read_identifier
from clinic.patients.services import HeldByAnother, add_identifier, change, join_household
from clinic.registration import words
from clinic.registration.forms import NAME_FIELDS, CorrectionForm, PaperForm, RelativeForm
from clinic.registration.views.desk import blueprint
from clinic.visits.queries import list_last_visits

_SEGMENTS = {Language.AR, Language.TR, Language.KU}


@blueprint.get("/<key>/record")
@require(Permission.PATIENT_REGISTER)
def record(key: str) -> ResponseReturnValue:
    """Show who a person is."""
    patient = get_patient(scope(), key)
    return _page(patient, _filled(patient), PaperForm(formdata=None))


@blueprint.post("/<key>/record")
@require(Permission.PATIENT_REGISTER)
def correct(key: str) -> ResponseReturnValue:
    """Correct what is on file, or show both texts where someone else was faster."""
    form, mine = CorrectionForm(), scope()
    is_stale = False
    if form.validate():
        told, seen = form.told(), form.version.data or 0
        try:
            with transaction():
                act = once(
                    mine.user_id, "registration.correct", form.op.data or "", {"patient": key, "told": repr(told)}
                )
                if not act.is_repeat:
                    change(mine, key, told, seen=seen)
                    act.answered(url_for("registration.record", key=key))
            flash(_("Corrected."))
            return redirect(act.answer, 303)
        except DomainError as refusal:
            form.refuse(refusal)
            is_stale = isinstance(refusal, Stale)
    patient = get_patient(mine, key)
    differences = _differences(patient, form) if is_stale else []
    if is_stale:
        form.version.show(patient.version)
    return _page(patient, form, PaperForm(formdata=None), differences), 422


@blueprint.post("/<key>/papers")
@require(Permission.PATIENT_REGISTER)
def add_paper(key: str) -> ResponseReturnValue:
    """Add a document's number to a person, or name whoever holds it."""
    form, mine = PaperForm(), scope()
    owner_key = ""
    if form.validate():
        try:
            paper = form.paper()
            with transaction():
                act = once(mine.user_id, "registration.paper", form.op.data or "", {"patient": key, "is": repr(paper)})
                if not act.is_repeat:
                    add_identifier(mine, key, paper)
                    act.answered(url_for("registration.record", key=key))
            flash(_("The number is on file."))
            return redirect(act.answer, 303)
        except DomainError as refusal:
            refusal.field = {"identifier": "value"}.get(refusal.field or "", refusal.field)
            form.refuse(refusal)
            owner_key = refusal.owner_key if isinstance(refusal, HeldByAnother) else ""
    patient = get_patient(mine, key)
    return _page(patient, _filled(patient), form, owner_key=owner_key), 422


@blueprint.post("/<key>/household")
@require(Permission.PATIENT_REGISTER)
def join(key: str) -> ResponseReturnValue:
    """Note that a person lives with another who is on file."""
    form, mine = RelativeForm(), scope()
    if form.validate():
        try:
            relative_key = get_by_record_number(mine, form.number).key
            with transaction():
                act = once(mine.user_id, "registration.join", form.op.data or "", {"who": key, "with": relative_key})
                if not act.is_repeat:
                    join_household(mine, key, relative_key)
                    act.answered(url_for("registration.record", key=key))
            flash(_("They are one family on file now."))
            return redirect(act.answer, 303)
        except DomainError as refusal:
            refusal.field = refusal.field or "record"
            form.refuse(refusal)
    patient = get_patient(mine, key)
    return _page(patient, _filled(patient), PaperForm(formdata=None), relative_form=form), 422


def _page(
    patient: Patient,
    form: CorrectionForm,
    paper_form: PaperForm,
    differences: list[tuple[str, str, str]] | None = None,
    owner_key: str = "",
    relative_form: RelativeForm | None = None,
) -> str:
    mine = scope()
    papers = list_identifiers(mine, patient.id)
    audit.record_read("PATIENT", patient.key)
    return render_template(
        "registration/record.html",
        patient=patient,
        card=card_of(patient),
        form=form,
        paper_form=paper_form,
        relative_form=relative_form or RelativeForm(formdata=None),
        is_paper_doubted=_is_doubted(paper_form),
        papers=papers,
        household=[one for one in list_household(mine, patient.household_id) if one.id != patient.id],
        last=list_last_visits(mine, [patient.id]).get(patient.id),
        asks_for_new=asks_for_new_number(paper.system for paper in papers),
        differences=differences or [],
        owner_key=owner_key,
        words=words,
    )


def _is_doubted(form: PaperForm) -> bool:
    try:
        return CHECK_DIGIT in read_identifier(form.value.data or "", form.system.data).doubts
    except DomainError:
        return False


def _filled(patient: Patient) -> CorrectionForm:
    """Return the form with what is on file."""
    language = Language(patient.language)
    is_common, birth = language in _SEGMENTS, patient.birth
    data: dict[str, Any] = {
        **{name: getattr(patient, name) for name in NAME_FIELDS},
        "sex": patient.sex,
        "speaks": language if is_common else Language.OTHER,
        "other_language": None if is_common or language is Language.OTHER else language,
        "born": birth if birth.year else None,
        "new_year": birth.exact is not None and (birth.month, birth.day) == (1, 1),
        "phone": Phone(patient.phone) if patient.phone else None,
        "nationality": patient.nationality or None,
        "district": patient.district,
        "label_language": patient.label_language,
        "legal_status": None if patient.legal_status is LegalStatus.NOT_ASKED else patient.legal_status,
        "mother": patient.mother,
        "version": patient.version,
    }
    return CorrectionForm(formdata=None, data=data)


def _differences(patient: Patient, form: CorrectionForm) -> list[tuple[str, str, str]]:
    """Return label, what was typed and what is on file now, wherever the two differ."""
    pairs = zip(words.facts(form.told()), words.facts(patient.particulars), strict=True)
    return [(label, typed, on_file) for (label, typed), (_label, on_file) in pairs if typed != on_file]
