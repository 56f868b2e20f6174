"""The queue, and one prescription at the counter."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel.access import Scope, require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import DeskForm
from clinic.kernel.operations import once
from clinic.pharmacy import services
from clinic.pharmacy.forms import CounterForm
from clinic.pharmacy.queries.lines import get_prescription
from clinic.pharmacy.queries.rail import list_owings, list_waiting
from clinic.pharmacy.views.blueprint import blueprint
from clinic.pharmacy.views.page import read_desk, read_rail
from clinic.visits import services as visits
from clinic.visits.queries import PlaceRow, get_place
from inventory.stock.queries.ledger import find_agreement


@blueprint.get("")
@require(Permission.DISPENSE)
def waiting() -> ResponseReturnValue:
    """Show who waits."""
    return render_template("pharmacy/waiting.html", rail=read_rail(scope()), agreement=find_agreement())


@blueprint.get("/<key>")
@require(Permission.DISPENSE)
def prescription(key: str) -> ResponseReturnValue:
    """Show one prescription with the lots it is given from."""
    return render_template("pharmacy/prescription.html", **read_desk(scope(), key))


@blueprint.post("/<key>")
@require(Permission.DISPENSE)
def dispense(key: str) -> ResponseReturnValue:
    """Hand out what is decided, or plan anew; a refusal leaves all that was typed and shows what lies there now."""
    mine = scope()
    signed = get_prescription(mine, key)
    form = CounterForm(signed.lines)
    if "look" in request.form:
        return render_template("pharmacy/prescription.html", **read_desk(mine, key, form))
    if not form.validate():
        return render_template("pharmacy/prescription.html", **read_desk(mine, key, form)), 422
    try:
        handed = form.handed()
        content = {"handed": [repr(one) for one in handed]}
        with transaction():
            claim = once(mine.user_id, "pharmacy.dispense", form.op.data or "", content)
            if not claim.is_repeat:
                out = services.dispense(mine, signed, handed, operation_id=claim.id)
                claim.answered(
                    url_for("pharmacy.handout", key=out) if out else url_for("pharmacy.prescription", key=key)
                )
    except DomainError as refusal:
        form.refuse(refusal)
        return render_template("pharmacy/prescription.html", **read_desk(mine, key, form)), refusal.status
    return redirect(claim.answer, 303)


@blueprint.get("/places/<key>")
@require(Permission.DISPENSE)
def place(key: str) -> ResponseReturnValue:
    """Show one who waits without a prescription of tonight, and what is owed to them."""
    mine = scope()
    found = get_place(mine, key)
    return render_template(
        "pharmacy/place.html",
        place=found,
        owings=[row for row in list_owings(mine) if row.patient_key == found.patient_key],
        rail=read_rail(mine),
        form=DeskForm(),
        agreement=find_agreement(),
    )


@blueprint.post("/places/<key>/call")
@require(Permission.DISPENSE)
def call(key: str) -> ResponseReturnValue:
    """Call a person to the counter, and show what waits for them."""
    return _done_about(key, visits.call, stay=True)


@blueprint.post("/places/<key>/finish")
@require(Permission.DISPENSE)
def finish(key: str) -> ResponseReturnValue:
    """Note that a person has what they came for."""
    return _done_about(key, visits.finish)


@blueprint.post("/places/<key>/leave")
@require(Permission.DISPENSE)
def leave(key: str) -> ResponseReturnValue:
    """Note that a person left without waiting."""
    return _done_about(key, visits.leave)


def _done_about(key: str, act: Callable[[Scope, str], int], *, stay: bool = False) -> ResponseReturnValue:
    """Do something about a place once, then go to what waits for the person, or back to the queue."""
    form, mine = DeskForm(), scope()
    found = get_place(mine, key)
    back = _address_of(mine, found) if stay else url_for("pharmacy.waiting")
    if form.validate():
        with transaction():
            claim = once(mine.user_id, f"pharmacy.{act.__name__}", form.op.data or "", {"place": key})
            if not claim.is_repeat:
                act(mine, key)
                claim.answered(back)
    return redirect(back, 303)


def _address_of(mine: Scope, found: PlaceRow) -> str:
    waiting = list_waiting(mine, [found.visit_id]).get(found.visit_id)
    if waiting is None:
        return url_for("pharmacy.place", key=found.key)
    return url_for("pharmacy.prescription", key=waiting.prescription_key)


@blueprint.get("/owings")
@require(Permission.DISPENSE)
def owings() -> ResponseReturnValue:
    """Show what is owed, that which lies there by now first."""
    return render_template("pharmacy/owings.html", owings=list_owings(scope()), agreement=find_agreement())
