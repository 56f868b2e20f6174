"""The doctor's queue: who is next, who is with me, and the notes of the evening."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.consultations import forms, queries, services
from clinic.consultations.queries import OwnNote
from clinic.consultations.rules import State
from clinic.consultations.views.door import blueprint, lead
from clinic.consultations.views.rail import read_rail
from clinic.kernel.access import Scope, require, scope
from clinic.kernel.audit import record_read_once
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.lab.queries import Unread, list_unread
from clinic.patients.words import short_name
from clinic.sites.queries import get_point, get_site
from clinic.visits import services as visits
from clinic.visits.queries import PlaceRow, get_place

CONFLICT = 409


@dataclass(frozen=True)
class ListedNote:
    """A note of the doctor's as the list of the evening shows it."""

    number: int
    name: str
    href: str
    at: datetime
    is_open: bool
    is_signed: bool


@blueprint.get("")
@require(Permission.CONSULT)
def queue() -> ResponseReturnValue:
    """Show who waits, whom the doctor has called, and the notes of the evening."""
    return _page(forms.CallForm())


@blueprint.get("/rail")
@require(Permission.CONSULT)
def rail() -> ResponseReturnValue:
    """Show the queue alone: the pages ask for it again and again."""
    here = request.args.get("here", "")
    return render_template("consultations/rail.html", rail=read_rail(scope(), here=here), here=here)


@blueprint.post("/call")
@require(Permission.CONSULT)
def call_next() -> ResponseReturnValue:
    """Call whoever is next, and open the chart."""
    form = forms.CallForm()

    def act(mine: Scope) -> str:
        return visits.call_next(mine, get_point(mine, form.at.data or "").id)

    return _act(form, "desk.call_next", act)


@blueprint.get("/place/<place_key>")
@require(Permission.CONSULT)
def place(place_key: str) -> ResponseReturnValue:
    """Ask whether to call one person out of turn, or of a specialty that the doctor covers; nothing clinical."""
    mine = scope()
    row = get_place(mine, place_key)
    return render_template(
        "consultations/place.html", form=forms.CallForm(), place=row, name=_name(row), rail=read_rail(mine)
    )


@blueprint.post("/place/<place_key>/call")
@require(Permission.CONSULT)
def call(place_key: str) -> ResponseReturnValue:
    """Call one person, or once more, and open the chart."""

    def act(mine: Scope) -> str:
        visits.call(mine, place_key)
        return place_key

    return _act(forms.CallForm(), f"desk.call {place_key}", act)


@blueprint.post("/place/<place_key>/start")
@require(Permission.CONSULT)
def start(place_key: str) -> ResponseReturnValue:
    """Note that the person is in the room."""

    def act(mine: Scope) -> str:
        visits.start(mine, place_key)
        return place_key

    return _act(forms.CallForm(), f"desk.start {place_key}", act)


@blueprint.post("/place/<place_key>/put-back")
@require(Permission.CONSULT)
def put_back(place_key: str) -> ResponseReturnValue:
    """Let a person whom the doctor called by mistake wait again."""

    def act(mine: Scope) -> str:
        services.put_back(mine, place_key)
        return ""

    return _act(forms.CallForm(), f"desk.put_back {place_key}", act)


@blueprint.post("/place/<place_key>/absent")
@require(Permission.CONSULT)
def absent(place_key: str) -> ResponseReturnValue:
    """Note that a person did not come, however often called."""

    def act(mine: Scope) -> str:
        services.note_absent(mine, place_key)
        return ""

    return _act(forms.CallForm(), f"desk.absent {place_key}", act)


def _act(form: forms.CallForm, action: str, act: Callable[[Scope], str]) -> ResponseReturnValue:
    """Do it once, however often the form comes; lead to the chart of the place that `act` names, or to the queue."""
    mine, at = scope(), form.at.data or ""
    if form.validate():
        try:
            with transaction():
                claim = once(mine.user_id, action, form.op.data or "", {"at": at})
                if not claim.is_repeat:
                    key = act(mine)
                    claim.answered(
                        url_for("consultations.desk", visit_key=get_place(mine, key).visit_key)
                        if key
                        else url_for("consultations.queue", at=at or None)
                    )
            return lead(claim.answer)
        except DomainError as refusal:
            form.refuse(refusal)
            return _page(form), refusal.status
    return _page(form), CONFLICT


def _page(form: forms.CallForm) -> str:
    mine = scope()
    unread = list_unread(mine)
    if unread:
        record_read_once("BOARD", f"results {get_site(mine).key}")
    notes = queries.list_own_notes(mine)
    closed = next((note for note in notes if note.visit_key == request.args.get("closed")), None)
    return render_template(
        "consultations/queue.html",
        form=form,
        rail=read_rail(mine, unread=Unread.of(unread)),
        notes=[_listed(note) for note in notes],
        closed=closed,
        unread=unread,
    )


def _listed(note: OwnNote) -> ListedNote:
    is_open = note.state is State.OPEN
    href = (
        url_for("consultations.desk", visit_key=note.visit_key)
        if is_open
        else url_for("consultations.note", note_key=note.key)
    )
    return ListedNote(note.number, _name(note), href, note.at, is_open, note.state is State.SIGNED)


def _name(row: OwnNote | PlaceRow) -> str:
    return short_name(
        given_latin=row.given_latin, family_latin=row.family_latin, given_ar=row.given_ar, family_ar=row.family_ar
    )
