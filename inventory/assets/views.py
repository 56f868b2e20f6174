"""The pages of equipment: the register with its strip, one record, tags to stick on."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from clinic.auth.queries import recall
from clinic.auth.roles import Permission
from clinic.auth.services import remember
from clinic.kernel import i18n, plots
from clinic.kernel.access import Scope, require, scope, subject
from clinic.kernel.audit import record_read
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import DeskForm
from clinic.kernel.operations import once
from clinic.kernel.pdf import render_pdf
from inventory.assets import queries, services
from inventory.assets.forms import MissingForm, PlaceForm, SearchForm, StateForm
from inventory.assets.models import Asset
from inventory.assets.queries import Asked
from inventory.assets.rules import Operability, Title, Whereabouts, next_states
from inventory.assets.words import (
    AXES,
    bought,
    euros,
    filters,
    name_of,
    strip_figures,
    strip_notes,
    what_happened,
    who,
    worth,
)

blueprint = Blueprint("assets", __name__, url_prefix="/equipment")
for say in (bought, euros, name_of, what_happened, who, worth):
    blueprint.add_app_template_global(say)

Coded = TypeVar("Coded", Title, Operability, Whereabouts)


@blueprint.get("")
@require(Permission.ASSET_READ)
def register() -> ResponseReturnValue:
    """Show the register, narrowed to what is asked, with the strip above it."""
    mine, asked = scope(), _asked()
    page = queries.list_assets(mine, asked, after=request.args.get("after"))
    count, cents = queries.count_assets(mine, asked)
    return render_template(
        "assets/register.html",
        page=page,
        count=count,
        cents=cents,
        asked=asked,
        wanted=_wanted(),
        filters=filters(asked, queries.list_kinds(mine)),
        form=SearchForm(formdata=None, data={"words": asked.words}),
        **read_strip(mine),
    )


@blueprint.post("/search")
@require(Permission.ASSET_READ)
def search() -> ResponseReturnValue:
    """Keep what was typed with the session, and show what it finds."""
    form = SearchForm()
    words = form.words.data if form.validate() else ""
    with transaction():
        key = remember(subject().session_id, {"equipment": words or ""})
    return redirect(url_for("assets.register", found=key), 303)


@blueprint.get("/tags.pdf")
@require(Permission.ASSET_READ)
def tags() -> ResponseReturnValue:
    """Print a tag with a square code for every record of what is asked."""
    found = queries.list_tags(scope(), _asked())
    record_read("asset_tags", "register", {"tags": len(found)}, act="PRINT")
    pdf = render_pdf("assets/tags.pdf.html", tags=[(asset, _square(asset.tag)) for asset in found])
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="tags.pdf"'})


@blueprint.get("/<key>")
@require(Permission.ASSET_READ)
def asset(key: str) -> ResponseReturnValue:
    """Show one record: what it is, what it cost, and its three axes."""
    found = queries.get_asset(scope(), key)
    version = {"version": found.version}
    return _asset_page(found, StateForm(data=version), PlaceForm(data=version), MissingForm(data=version))


@blueprint.post("/<key>/state")
@require(Permission.ASSET_WRITE)
def set_state(key: str) -> ResponseReturnValue:
    """Note that a thing works, fails, is repaired or condemned."""
    form, mine = StateForm(), scope()
    found = queries.get_asset(mine, key)
    _offer(form, found)
    return _act(
        found,
        form,
        lambda: services.set_operability(
            mine, key, form.becomes.data, because=form.because.data or "", seen=form.version.data or 0
        ),
    )


@blueprint.post("/<key>/place")
@require(Permission.ASSET_WRITE)
def move(key: str) -> ResponseReturnValue:
    """Note that a thing stands elsewhere within the site."""
    form, mine = PlaceForm(), scope()
    return _act(
        queries.get_asset(mine, key),
        form,
        lambda: services.move(
            mine, key, form.place.data or "", because=form.reason.data or "", seen=form.version.data or 0
        ),
    )


@blueprint.post("/<key>/missing")
@require(Permission.ASSET_WRITE)
def miss(key: str) -> ResponseReturnValue:
    """Note that a thing is not found."""
    form, mine = MissingForm(), scope()
    return _act(
        queries.get_asset(mine, key),
        form,
        lambda: services.miss(mine, key, because=form.told.data or "", seen=form.version.data or 0),
    )


def _act(found: Asset, form: DeskForm, do: Callable[[], None]) -> ResponseReturnValue:
    """Do what a valid form asks for, once, and show the record; else the record with what is wrong in that form."""
    if form.validate():
        try:
            with transaction():
                act = once(scope().user_id, f"assets.{type(form).__name__}", form.op.data or "", {"key": found.key})
                if not act.is_repeat:
                    do()
                    act.answered(url_for("assets.asset", key=found.key))
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("Saved."))
            return redirect(url_for("assets.asset", key=found.key))
    version = {"version": found.version}
    blank = {kind: kind(formdata=None, data=version) for kind in (StateForm, PlaceForm, MissingForm)}
    shown: dict[Any, Any] = {**blank, next(kind for kind in blank if isinstance(form, kind)): form}
    return _asset_page(found, shown[StateForm], shown[PlaceForm], shown[MissingForm]), 422


def _asset_page(found: Asset, state: StateForm, place: PlaceForm, missing: MissingForm) -> str:
    _offer(state, found)
    return render_template(
        "assets/asset.html",
        record=found,
        happened=queries.list_happened(found.id),
        axes=AXES,
        state_form=state,
        place_form=place,
        missing_form=missing,
        problems=next((form for form in (state, place, missing) if form.problems), None),
        places=queries.list_kinds(scope()).places,
        **read_strip(scope()),
    )


def _offer(form: StateForm, found: Asset) -> None:
    form.becomes.choices = [(state, i18n._(state.label)) for state in next_states(found.operability)]


def read_strip(mine: Scope) -> dict[str, Any]:
    """Return the strip as every page of equipment draws it."""
    strip = queries.get_strip(mine)
    return {
        "strip": strip,
        "strip_parts": plots.strip([strip.parts[title] / 100 for title in Title]),
        "strip_figures": [
            (Markup('<a href="{}">{}</a>').format(url_for("assets.register", title=title.value), label), figure)
            for title, (label, figure) in zip(Title, strip_figures(strip), strict=True)
        ],
        "strip_notes": strip_notes(strip),
    }


def _asked() -> Asked:
    told = request.args
    found = recall(subject().session_id, told["found"]) if told.get("found") else None
    return Asked(
        words=str((found or {}).get("equipment", "")),
        category=told.get("category", "")[:80],
        place=told.get("place", "")[:80],
        title=_coded(Title, told.get("title", "")),
        operability=_coded(Operability, told.get("state", "")),
        whereabouts=_coded(Whereabouts, told.get("where", "")),
        is_dear=told.get("dear") == "1",
    )


def _wanted() -> dict[str, str]:
    """Return what the address asks for, to be taken along to the next page and to the tags."""
    names = ("found", "category", "place", "title", "state", "where", "dear")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _coded(kind: type[Coded], told: str) -> Coded | None:
    return kind(told) if told in {one.value for one in kind} else None


def _square(text: str) -> Markup:
    target = BytesIO()
    segno.make_qr(text, error="m").save(target, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=1)
    return Markup(target.getvalue().decode())  # noqa: S704 - drawn here, of a tag that is letters and digits
