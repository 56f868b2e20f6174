"""The desk itself: history and note side by side, everything typed kept as one draft, signed in one act."""

from collections.abc import Callable

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.consultations import forms, queries, services
from clinic.consultations.queries import Desk
from clinic.consultations.rules import Content, DraftMoved, differing_parts
from clinic.consultations.views.asked import Asked, carry_out
from clinic.consultations.views.basket import read_orders
from clinic.consultations.views.door import blueprint, lead
from clinic.consultations.views.page import open_desk, read_basket, read_diagnoses, read_page
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.audit import record_read
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError, Stale
from clinic.kernel.operations import once
from clinic.pharmacy.queries import search_formulary

CONFLICT, UNPROCESSABLE = 409, 422


@blueprint.get("/<visit_key>")
@require(Permission.CONSULT)
def desk(visit_key: str) -> ResponseReturnValue:
    """Show a person's history, and the note where it is this doctor's to write."""
    found = open_desk(visit_key)
    if found.consultation and found.is_signed and not found.is_mine:
        return lead(url_for("consultations.note", note_key=found.consultation.key))
    record_read("CHART", found.person.key)
    return _page(found, forms.NoteForm.showing(found.content, found.version), found.content)


@blueprint.post("/<visit_key>/draft")
@require(Permission.CONSULT)
def draft(visit_key: str) -> ResponseReturnValue:
    """Keep what was typed, and do what a button asked: choose, take away, look up, or settle two texts."""
    form, asked = forms.NoteForm(), Asked.read(request.form.get("do", ""))
    content = form.content(request.form)
    if not form.validate():
        return _refused(visit_key, form, content, quietly=_is_typing(asked))
    try:
        content = carry_out(scope(), open_desk(visit_key), content, asked)
        _keep(visit_key, content, seen=asked.version if asked.settles else form.seen)
    except DraftMoved as moved:
        return _conflict(visit_key, form, content, moved)
    except DomainError as refusal:
        form.refuse(refusal)
        return _refused(visit_key, form, content, quietly=_is_typing(asked))
    if asked.rewrites or "HX-Request" not in request.headers:
        return lead(url_for("consultations.desk", visit_key=visit_key, _anchor=asked.section or None))
    return _kept(visit_key, content, asked)


@blueprint.post("/<visit_key>/find-diagnosis")
@require(Permission.CONSULT)
def find_diagnosis(visit_key: str) -> ResponseReturnValue:
    """Show what the words in the search box find, while they are typed."""
    words, found = forms.NoteForm().diagnosis.data, queries.get_desk(scope(), visit_key)
    hits = queries.search_icd(words, i18n.language(), found.specialty_code or "") if words else None
    return render_template("consultations/found_diagnoses.html", hits=hits)


@blueprint.post("/<visit_key>/find-medicine")
@require(Permission.CONSULT)
def find_medicine(visit_key: str) -> ResponseReturnValue:
    """Show the medicines that the words in the search box find, with what lies on the shelf, while they are typed."""
    words = forms.NoteForm().medicine.data
    queries.get_desk(scope(), visit_key)
    return render_template(
        "consultations/found_medicines.html", drugs=search_formulary(scope(), words) if words else None
    )


@blueprint.post("/<visit_key>/park")
@require(Permission.CONSULT)
def park(visit_key: str) -> ResponseReturnValue:
    """Keep what was typed as the doctor leaves the page; nothing is shown."""
    form = forms.NoteForm()
    if not form.validate():
        return "", UNPROCESSABLE
    _keep(visit_key, form.content(request.form), seen=form.seen)
    return "", 204


@blueprint.post("/<visit_key>/sign")
@require(Permission.CONSULT)
def sign(visit_key: str) -> ResponseReturnValue:
    """Sign the note and send its orders; then to the next person."""
    language, mine, form = i18n.language(), scope(), forms.NoteForm()
    content = form.content(request.form)
    orders = read_orders(form, content)

    def act() -> None:
        services.sign(mine, visit_key, content, orders=orders, seen=form.seen, language=language)

    return _close(visit_key, form, content, "desk.sign", act)


@blueprint.post("/<visit_key>/abandon")
@require(Permission.CONSULT)
def abandon(visit_key: str) -> ResponseReturnValue:
    """Close the note of a person who left, with the reason."""
    mine, form = scope(), forms.NoteForm()
    content, reason = form.content(request.form), form.reason.data or ""

    def act() -> None:
        services.abandon(mine, visit_key, content, seen=form.seen, reason=reason)

    return _close(visit_key, form, content, "desk.abandon", act)


def _close(
    visit_key: str, form: forms.NoteForm, content: Content, action: str, act: Callable[[], None]
) -> ResponseReturnValue:
    """Close a note once, however often the form comes; a refusal keeps what was typed, here and on the server."""
    if not form.validate() or form.problems:
        _keep_refused(visit_key, form, content)
        return _refused(visit_key, form, content)
    asked = {"visit": visit_key, "reason": form.reason.data, **content.as_json()}
    try:
        with transaction():
            place = url_for("consultations.queue", closed=visit_key)
            claim = once(scope().user_id, action, form.op.data or "", asked, answer=place)
            if not claim.is_repeat:
                act()
        return lead(claim.answer)
    except Stale as moved:
        return _conflict(visit_key, form, content, _both(visit_key, moved))
    except DomainError as refusal:
        form.refuse(refusal)
        _keep_refused(visit_key, form, content)
    return _refused(visit_key, form, content)


def _both(visit_key: str, moved: Stale) -> DraftMoved:
    """Return the refusal with both texts; where another window was faster by a hair, they are read anew."""
    if isinstance(moved, DraftMoved):
        return moved
    found = queries.get_desk(scope(), visit_key)
    return DraftMoved(found.content, version=found.version, saved_at=found.saved_at)


def _keep(visit_key: str, content: Content, *, seen: int) -> int:
    """Keep the draft and return its version. Raises DraftMoved."""
    mine = scope()
    try:
        with transaction():
            return services.keep_draft(mine, visit_key, content, seen=seen)
    except Stale as moved:
        raise _both(visit_key, moved) from moved


def _keep_refused(visit_key: str, form: forms.NoteForm, content: Content) -> None:
    """Keep what was refused, so that it outlives this browser too."""
    try:
        form.version.data = _keep(visit_key, content, seen=form.seen)
    except DomainError as refusal:
        form.refuse(refusal)


def _kept(visit_key: str, content: Content, asked: Asked) -> str:
    found = open_desk(visit_key)
    diagnoses = read_diagnoses(found, content) if asked.section == "diagnoses" else {}
    basket = read_basket(scope(), found, content)
    drugs = None
    if asked.section == "orders" and content.seeking.get("medicine"):
        drugs = search_formulary(scope(), content.seeking["medicine"])
    return render_template(
        "consultations/kept.html",
        desk=found,
        form=forms.NoteForm.showing(content, found.version),
        content=content,
        asked=asked,
        basket=basket,
        drugs=drugs,
        stop_shown=_stop_shown(content),
        **diagnoses,
    )


def _is_typing(asked: Asked) -> bool:
    """Whether the draft came by itself while the doctor goes on typing: then the texts on the page stay as they are."""
    return "HX-Request" in request.headers and not asked.section


def _stop_shown(content: Content) -> set[str]:
    """Return the lines whose reason can be written on the page that was sent."""
    return {line.id for line in content.lines if request.form.get(f"{line.id}-stopped")}


def _page(found: Desk, form: forms.NoteForm, content: Content, **more: object) -> str:
    return render_template("consultations/desk.html", **read_page(scope(), found, form, content), **more)


def _refused(visit_key: str, form: forms.NoteForm, content: Content, *, quietly: bool = False) -> ResponseReturnValue:
    """Show what is to be looked at again; `quietly` says it above the note and leaves what is being typed alone."""
    return _in_place(_page(open_desk(visit_key), form, content, quietly=quietly), UNPROCESSABLE, quietly=quietly)


def _conflict(visit_key: str, form: forms.NoteForm, content: Content, moved: DraftMoved) -> ResponseReturnValue:
    """Show both texts of a draft that was changed elsewhere, side by side."""
    differences = differing_parts(moved.kept, content)
    page = _page(open_desk(visit_key), form, content, moved=moved, differences=differences)
    return _in_place(page, CONFLICT, quietly=True)


def _in_place(page: str, status: int, *, quietly: bool) -> ResponseReturnValue:
    """Answer with the page; htmx takes out of it the note, or only what is said above it."""
    answer = make_response(page, status)
    part = "#trouble" if quietly else "#desk"
    for name, value in (("Retarget", part), ("Reselect", part), ("Reswap", "outerHTML")):
        answer.headers[f"HX-{name}"] = value
    return answer
