"""The nurse's desk: who waits for vital signs, who is called, and what is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.chart import services as chart
from clinic.chart.queries import get_allergy
from clinic.chart.rules import Known, NoReason, PregnancySource
from clinic.kernel import audit, clock, i18n
from clinic.kernel.access import Scope, require, scope
from clinic.kernel.db import new_key, transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.fields import DeskForm
from clinic.kernel.operations import once
from clinic.kernel.text import N_
from clinic.patients import words
from clinic.sites.queries import get_point_of
from clinic.sites.rules import PointKind
from clinic.visits import queries, services
from clinic.visits import words as visit_words
from clinic.visits.forms.triage import CorrectionForm, EndAllergyForm, EndPregnancyForm, TriageForm, kind_of
from clinic.visits.rules import (
    CALLS_BEFORE_LEFT,
    OPEN_STATES,
    ImpossibleValue,
    PlaceState,
    Priority,
    must_weigh,
    sheet_for,
)
from clinic.visits.views.sheet import Shown, put_what_was_meant, show
from clinic.visits.words import banner_words

blueprint = Blueprint("triage", __name__, url_prefix="/triage")


@blueprint.get("")
@require(Permission.TRIAGE)
def queue() -> ResponseReturnValue:
    """Show who waits for vital signs, and whose were taken."""
    return _queue_page()


@blueprint.post("/next")
@require(Permission.TRIAGE)
def call_next() -> ResponseReturnValue:
    """Call whoever is next, and open their page."""
    mine = scope()
    return _act("triage.next", "", lambda: _person_url(services.call_next(mine, _triage(mine))))


@blueprint.post("/<key>/call")
@require(Permission.TRIAGE)
def call(key: str) -> ResponseReturnValue:
    """Call one person, or once more, and open their page."""
    mine = scope()

    def act() -> str:
        services.call(mine, key)
        return _person_url(key)

    return _act("triage.call", key, act)


@blueprint.post("/<key>/later")
@require(Permission.TRIAGE)
def put_back(key: str) -> ResponseReturnValue:
    """Let one person wait again."""
    mine = scope()

    def act() -> str:
        services.put_back(mine, key)
        return url_for("triage.queue")

    return _act("triage.later", key, act)


@blueprint.post("/<key>/left")
@require(Permission.TRIAGE)
def leave(key: str) -> ResponseReturnValue:
    """Note that one person left before vital signs were taken."""
    mine = scope()

    def act() -> str:
        services.leave(mine, key)
        return url_for("triage.queue")

    return _act("triage.left", key, act)


@blueprint.get("/<key>")
@require(Permission.TRIAGE)
def person(key: str) -> ResponseReturnValue:
    """Show one person's sheet, to be measured or looked at again."""
    desk = _desk(key)
    form = desk.form()
    return _person_page(desk, form, desk.shown(form))


@blueprint.post("/<key>/reading")
@require(Permission.TRIAGE)
def reading(key: str) -> ResponseReturnValue:
    """Say how what is typed so far stands to the age; nothing is saved."""
    desk = _desk(key)
    form = desk.form()
    form.validate()
    return render_template("triage/reading.html", form=form, shown=desk.shown(form), desk=desk)


@blueprint.post("/<key>")
@require(Permission.TRIAGE)
def save(key: str) -> ResponseReturnValue:
    """Record what was measured, and open the next person's sheet."""
    desk = _desk(key)
    form = desk.form()
    is_sound = form.validate()
    shown = desk.shown(form)
    if "fix" in request.form:
        put_what_was_meant(form, shown, request.form["fix"])
        return _person_page(desk, form, desk.shown(form))
    for refusal in shown.impossible:
        form.refuse(refusal)
    form.ensure_allergy()
    if not is_sound or form.errors or shown.open_questions or not shown.is_priority_seen:
        return _person_page(desk, form, shown), 422
    try:
        with transaction():
            claim = once(scope().user_id, "triage.save", str(form.op.data), _content(form, key))
            if not claim.is_repeat:
                _record(desk, form, shown)
                claim.answered(_next_url(scope()))
    except DomainError as refusal:
        form.refuse(refusal)
        return _person_page(desk, form, shown), refusal.status
    flash(i18n._("No. %(number)s is saved.", number=desk.place.number))
    return redirect(claim.answer, 303)


@blueprint.get("/<key>/correct/<kind>")
@require(Permission.TRIAGE)
def correct(key: str, kind: str) -> ResponseReturnValue:
    """Ask what a value of tonight should have been."""
    desk = _desk(key)
    held = desk.held(kind)
    form = CorrectionForm(data={"seen": held.id})
    form.keep(kind_of(held.kind))
    return _correction_page(desk, form, held)


@blueprint.post("/<key>/correct/<kind>")
@require(Permission.TRIAGE)
def save_correction(key: str, kind: str) -> ResponseReturnValue:
    """Record what a value of tonight should have been, beside what it was."""
    desk = _desk(key)
    held = desk.held(kind)
    form = CorrectionForm()
    form.keep(kind_of(held.kind))
    if not form.validate():
        return _correction_page(desk, form, held), form.status
    try:
        value = form.stored(kind_of(held.kind))
        if value is None:
            raise NoReason(N_("An answer is needed here."), field="value" if "value" in form else "answer")
        with transaction():
            claim = once(scope().user_id, "triage.correct", str(form.op.data), _content(form, key))
            if not claim.is_repeat:
                services.correct(scope(), form.seen.data or 0, value=value, reason=form.reason.data or "")
                claim.answered(_person_url(key))
    except ImpossibleValue as refusal:
        form.value.errors = [i18n.explain(refusal)]
        return _correction_page(desk, form, held), refusal.status
    except DomainError as refusal:
        form.refuse(refusal)
        return _correction_page(desk, form, held), refusal.status
    return redirect(claim.answer, 303)


@blueprint.route("/<key>/allergy/<allergy>", methods=["GET", "POST"])
@require(Permission.TRIAGE)
def end_allergy(key: str, allergy: str) -> ResponseReturnValue:
    """End an allergy that proved wrong."""
    desk = _desk(key)
    one = next((row for row in desk.banner.allergies.rows if row.key == allergy), None)
    if one is None:
        if get_allergy(scope(), allergy).patient_id not in desk.banner.chart_ids or request.method == "GET":
            raise NotFound(N_("There is no such allergy on file here."))
        return redirect(_person_url(key), 303)  # ended meanwhile, by this very form or by a colleague
    return _end(
        desk,
        EndAllergyForm(),
        "triage/end_allergy.html",
        lambda form: chart.end_allergy(scope(), allergy, because=form.because.data or ""),
        one=one,
    )


@blueprint.route("/<key>/pregnancy", methods=["GET", "POST"])
@require(Permission.TRIAGE)
def end_pregnancy(key: str) -> ResponseReturnValue:
    """Note that a pregnancy is over."""
    desk = _desk(key)
    return _end(
        desk,
        EndPregnancyForm(),
        "triage/end_pregnancy.html",
        lambda form: chart.end_pregnancy(scope(), desk.place.patient_id, ended_on=form.ended_on.data),
    )


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One person at triage: their place, what the banner knows, and what was measured."""

    place: queries.PlaceRow
    banner: queries.Banner
    vitals: queries.Vitals
    begun: list[queries.Begun]

    @property
    def asks_pregnancy(self) -> bool:
        """Whether the question of a pregnancy is put and not yet answered with yes."""
        return self.banner.pregnancy.known in {Known.ABSENT, Known.NOT_ASKED}

    def form(self) -> TriageForm:
        """Return the person's form, with what was sent, or with what this nurse began of the doctor's note before."""
        mine = scope().user_id
        own = {kind.lower(): text for one in self.begun if one.author_id == mine for kind, text in one.parts.items()}
        form = TriageForm(data=own)
        form.keep(sheet_for(self.banner.age), asks_pregnancy=self.asks_pregnancy)
        return form

    def shown(self, form: TriageForm) -> Shown:
        """Return the person's sheet with what a form holds."""
        is_decided = bool(self.vitals.tonight) or self.place.priority is not Priority.ROUTINE
        return show(
            form,
            self.banner,
            self.vitals,
            held=self.place.priority if is_decided else None,
            suggested=request.form.get("suggested", ""),
        )

    def held(self, kind: str) -> queries.Reading:
        """Return what holds of a kind tonight. Raises NotFound."""
        reading = self.vitals.now(kind.upper())
        if reading is None:
            raise NotFound(N_("There is no such value here."))
        return reading


def _desk(key: str) -> Desk:
    """Return the person of a place at triage tonight. Raises NotFound."""
    mine = scope()
    place = queries.get_place(mine, key)
    if place.point_id != _triage(mine) or place.day != clock.today():
        raise NotFound(N_("There is no such place in a queue here."))
    banner = queries.banner(mine, place.visit_id)
    return Desk(
        place=place,
        banner=banner,
        vitals=queries.latest_vitals(mine, banner.chart_ids, place.visit_id),
        begun=queries.list_begun(place.visit_id),
    )


def _record(desk: Desk, form: TriageForm, shown: Shown) -> None:
    mine, patient_id = scope(), desk.place.patient_id
    services.finish_triage(
        mine,
        desk.place.key,
        values=shown.values,
        reasons=shown.reasons,
        priority=shown.priority or Priority.ROUTINE,
    )
    services.begin_note(mine, desk.place.visit_id, form.begun)
    if form.allergy.data is Known.ABSENT:
        chart.record_no_known_allergy(mine, patient_id)
    elif form.names_allergy:
        chart.record_allergy(
            mine,
            patient_id,
            substance=form.substance.data or "",
            severity=form.severity.data,
            group=form.group.data,
            reaction=form.reaction.data or "",
            told_by=form.told_by.data,
        )
    if "pregnancy" not in form:
        return
    if form.pregnancy.data is Known.ABSENT:
        chart.record_not_pregnant(mine, patient_id)
    elif form.pregnancy.data is Known.PRESENT:
        chart.record_pregnancy(
            mine,
            patient_id,
            source=form.source.data or PregnancySource.LMP,
            lmp_on=form.lmp_on.data,
            due_on=form.due_on.data,
            is_sure=form.is_sure.data,
        )


def _content(form: DeskForm, key: str) -> dict[str, object]:
    """Return what a form's key is bound to: the place, and every answer."""
    return {"place": key} | {name: str(value) for name, value in form.data.items() if name not in {"csrf_token", "op"}}


def _next_url(mine: Scope) -> str:
    """Return where the nurse goes on: to the next who waits and is at no other desk, or to the queue."""
    rows = queries.board(mine, _triage(mine))
    following = next((row for row in rows if row.state is PlaceState.WAITING and not row.is_elsewhere), None)
    return _person_url(following.key) if following else url_for("triage.queue")


def _person_page(desk: Desk, form: TriageForm, shown: Shown) -> str:
    mine = scope()
    audit.record_read("CHART", desk.banner.patient.key)
    stops = queries.list_stops(mine, [desk.place.visit_id])[desk.place.visit_id]
    awaits_doctor = any(stop.kind is PointKind.SPECIALTY for stop in stops)
    return render_template(
        "triage/person.html",
        form=form,
        desk=desk,
        shown=shown,
        said=banner_words(desk.banner),
        rows=queries.board(mine, desk.place.point_id),
        act_key=new_key(),
        saved=" ".join(map(str, get_flashed_messages())),
        is_mine=desk.place.served_by_id == mine.user_id,
        goes_on=desk.place.state in OPEN_STATES and awaits_doctor,
        begins_note=awaits_doctor or bool(desk.begun) or any(form.begun.values()),
        others_began=[one for one in desk.begun if one.author_id != mine.user_id],
        must_weigh=must_weigh(desk.banner.age),
        words=words,
        visit_words=visit_words,
    )


def _correction_page(desk: Desk, form: CorrectionForm, held: queries.Reading) -> str:
    return render_template(
        "triage/correct.html", form=form, desk=desk, held=held, said=banner_words(desk.banner), visit_words=visit_words
    )


def _end(desk: Desk, form: DeskForm, template: str, act: Callable[[Any], None], **shown: object) -> ResponseReturnValue:
    """Show a question whose answer ends what is on file, or take the answer and lead back to the sheet."""
    status = 200
    if request.method == "POST":
        if form.validate():
            try:
                with transaction():
                    claim = once(scope().user_id, template, str(form.op.data), _content(form, desk.place.key))
                    if not claim.is_repeat:
                        act(form)
                        claim.answered(_person_url(desk.place.key))
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                return redirect(claim.answer, 303)
        status = 422
    page = render_template(template, form=form, desk=desk, said=banner_words(desk.banner), **shown)
    return page, status


def _act(action: str, key: str, act: Callable[[], str]) -> ResponseReturnValue:
    """Do one act of the queue once, and lead to where its answer stands; a refusal is shown on the queue."""
    form = DeskForm()
    if not form.validate():
        return _queue_page(form), form.status
    try:
        with transaction():
            claim = once(scope().user_id, action, str(form.op.data), {"place": key})
            if not claim.is_repeat:
                claim.answered(act())
    except DomainError as refusal:
        form.refuse(refusal)
        return _queue_page(form), refusal.status
    return redirect(claim.answer, 303)


def _queue_page(form: DeskForm | None = None) -> str:
    mine = scope()
    point = get_point_of(mine, PointKind.TRIAGE)
    audit.record_read_once("BOARD", point.key)
    rows = queries.board(mine, point.id)
    waiting = [row for row in rows if row.state is PlaceState.WAITING]
    return render_template(
        "triage/queue.html",
        form=form or DeskForm(),
        rows=rows,
        stops=queries.list_stops(mine, [row.visit_id for row in rows]),
        served=queries.list_served(mine, point.id),
        waiting=len(waiting),
        longest=clock.now() - min(row.queued_at for row in waiting) if waiting else None,
        now=clock.now(),
        calls_before_left=CALLS_BEFORE_LEFT,
        words=words,
    )


def _triage(mine: Scope) -> int:
    return get_point_of(mine, PointKind.TRIAGE).id


def _person_url(key: str) -> str:
    return url_for("triage.person", key=key)
