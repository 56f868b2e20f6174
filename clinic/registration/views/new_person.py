"""A person whom the clinic has never seen: asked, compared with those on file, registered, sent to the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope, require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.patients.models import Patient
from clinic.patients.queries import Hit, Trace, get_patient, get_patient_by_id, list_hits, look_alikes
from clinic.patients.rules import (
    Language,
    Particulars,
    Phone,
    Reason,
    SoughtBy,
    read_identifier,
    read_phone,
    read_search,
)
from clinic.patients.services import HeldByAnother, register
from clinic.registration import words
from clinic.registration.forms import NewPersonForm
from clinic.registration.rules import Why, ensure_told_apart
from clinic.registration.views.check_in import begin, just_given, number_url
from clinic.registration.views.desk import blueprint, choices, recalled
from clinic.visits.queries import Tonight, list_last_visits, tonight

_WHOLE_PHONE = 10


@dataclass(frozen=True)
class Alike:
    """Someone on file who may be the person at the desk, and the two side by side."""

    hit: Hit
    lines: list[words.Compared]


@blueprint.get("/new")
@require(Permission.PATIENT_REGISTER)
def new_person() -> ResponseReturnValue:
    """Show an empty form, begun from the words of a search or from a relative where one is named."""
    evening = tonight(scope())
    form = NewPersonForm(data=_begun(request.args.get("found", ""), request.args.get("with", "")))
    return _page(form, evening, [])


@blueprint.post("/new/alike")
@require(Permission.PATIENT_REGISTER)
def alike() -> ResponseReturnValue:
    """Show who on file is like what is typed so far; nothing is saved."""
    form = _form(tonight(scope()))
    return render_template("registration/alike.html", form=form, alikes=_alikes(form), words=words)


@blueprint.post("/new")
@require(Permission.PATIENT_REGISTER)
def add_person() -> ResponseReturnValue:
    """Register a person and give a number for tonight, unless someone on file may be the one."""
    evening = tonight(scope())
    form = _form(evening)
    if "only" not in request.form and form.point.data is None:
        form.point.flags.required = True
    is_sound = form.validate()
    alikes = _alikes(form)
    if is_sound:
        try:
            return redirect(_register(form, alikes), 303)
        except DomainError as refusal:
            form.refuse(refusal)
            if isinstance(refusal, HeldByAnother):
                alikes = _owner(form, refusal.owner_key)
    return _page(form, evening, alikes), 422


def _register(form: NewPersonForm, alikes: list[Alike]) -> str:
    """Register as the form says and return where that leads; two posts of one form are one person."""
    mine, told, papers = scope(), form.told(), form.papers()
    is_checked_in = "only" not in request.form
    keys = [one.hit.card.key for one in alikes]
    content = {"told": repr(told), "papers": repr(papers), "point": is_checked_in and form.point.data}
    with transaction():
        act = once(mine.user_id, "registration.new_person", form.op.data or "", content)
        if not act.is_repeat:
            # after the claim: to whoever sends the same form twice the new record itself would look alike
            ensure_told_apart(keys, form.told_apart.data or (), form.because.data or "")
            patient_id = register(
                mine,
                told,
                papers=papers,
                relative_key=form.relative.data,
                unlike=keys,
                because=form.because.data or "",
            )
            act.answered(_place(mine, patient_id, form, is_checked_in=is_checked_in))
    return just_given(act.answer) if is_checked_in else act.answer


def _place(mine: Scope, patient_id: int, form: NewPersonForm, *, is_checked_in: bool) -> str:
    if is_checked_in:
        return number_url(begin(mine, patient_id, form.point.data, form.why.data or Why.NEW_PROBLEM))
    return url_for("registration.person", key=get_patient_by_id(mine, patient_id).key)


def _alikes(form: NewPersonForm) -> list[Alike]:
    """Return who on file is like what is typed, as far as it can be read; who is shown goes on the record."""
    if not form.given.data:
        return []
    try:
        told = form.told()
    except DomainError:
        return []
    mine, number = scope(), form.number.data
    hits = list_hits(mine, look_alikes(mine, told.likened([number] if number else [])))
    return _shown(mine, form, told, hits)


def _owner(form: NewPersonForm, key: str) -> list[Alike]:
    """Return the person for whom a number is on file."""
    mine = scope()
    return _shown(mine, form, form.told(), list_hits(mine, [Trace(get_patient(mine, key).id, (Reason.SAME_NUMBER,))]))


def _shown(mine: Scope, form: NewPersonForm, told: Particulars, hits: list[Hit]) -> list[Alike]:
    if not hits:
        return []
    audit.record_read("ALIKE", hits[0].card.key, {"people": [hit.card.key for hit in hits]})
    visits = list_last_visits(mine, [hit.card.id for hit in hits])
    return [Alike(hit, words.compared(told, form.born.typed, hit, visits.get(hit.card.id))) for hit in hits]


def _form(evening: Tonight) -> NewPersonForm:
    form = NewPersonForm()
    form.point.choices = choices(evening)
    return form


def _page(form: NewPersonForm, evening: Tonight, alikes: list[Alike]) -> str:
    form.point.choices = choices(evening)
    return render_template(
        "registration/new_person.html",
        form=form,
        alikes=alikes,
        evening=evening,
        queues={one.point_key: one for one in evening.queues},
        begun=clock.now(),
        words=words,
    )


def _begun(found_key: str, relative_key: str) -> dict[str, Any]:
    """Return what need not be typed twice: what a family shares, or the words of a search that found nobody."""
    if relative_key:
        return {"relative": relative_key, **_shared(get_patient(scope(), relative_key))}
    begun: dict[str, Any] = {}
    for sought in read_search(recalled(found_key).words):
        if sought.by is SoughtBy.NAME:
            begun["given"], _, begun["family"] = sought.value.partition(" ")
        elif sought.by is SoughtBy.PHONE and len(sought.value) >= _WHOLE_PHONE:
            begun |= _read("phone", partial(read_phone, sought.value))
        elif sought.by is SoughtBy.NUMBER:
            begun |= _read("number", partial(read_identifier, sought.value))
    return begun


def _shared(relative: Patient) -> dict[str, Any]:
    is_common = relative.language in {"ar", "tr", "ku"}
    return {
        "family": relative.names.family_ar or relative.names.family_latin,
        "speaks": Language(relative.language) if is_common else Language.OTHER,
        "other_language": None if is_common else Language(relative.language),
        "phone": Phone(relative.phone) if relative.phone else None,
        "district": relative.district,
    }


def _read(name: str, reading: Callable[[], object]) -> dict[str, object]:
    try:
        return {name: reading()}
    except DomainError:
        return {}
