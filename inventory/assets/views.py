"""The pages of equipment: the register with its strip, one record, tags to stick on."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar, cast

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from clinic.auth.queries import recall
from clinic.auth.roles import Permission
from clinic.auth.services import remember
from clinic.kernel import blobs, clock, i18n, plots
from clinic.kernel.access import Scope, require, scope, subject
from clinic.kernel.acts import act_once
from clinic.kernel.audit import record_read
from clinic.kernel.db import transaction
from clinic.kernel.fields import DeskForm
from clinic.kernel.pdf import render_pdf
from clinic.kernel.uploads import takes_files
from inventory.assets import queries, services
from inventory.assets.forms import EvidenceForm, MissingForm, PlaceForm, SearchForm, StateForm
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

_FORMS: dict[str, type[DeskForm]] = {
    "state_form": StateForm,
    "place_form": PlaceForm,
    "missing_form": MissingForm,
    "evidence_form": EvidenceForm,
}
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
    return _asset_page(queries.get_asset(scope(), key))


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


@blueprint.post("/<key>/evidence")
@require(Permission.ASSET_WRITE)
@takes_files
def keep_evidence(key: str) -> ResponseReturnValue:
    """Put a photo, a proof of purchase or a calibration certificate on file."""
    form, mine = EvidenceForm(), scope()
    return _act(
        queries.get_asset(mine, key),
        form,
        lambda: services.keep_evidence(
            mine,
            key,
            form.file.data or b"",
            kind=form.kind.data,
            media_type=form.file.media_type,
            dated_on=form.dated_on.data,
            note=form.note.data or "",
        ),
    )


@blueprint.get("/<key>/evidence/<evidence>")
@require(Permission.ASSET_READ)
def evidence(key: str, evidence: str) -> ResponseReturnValue:
    """Give out one file of a record."""
    return hand_out(queries.get_evidence(scope(), key, evidence).sha256)


def hand_out(sha256: str) -> Response:
    """Answer with kept bytes: a picture to be looked at, a document to be saved."""
    found = blobs.read(sha256)
    way = "inline" if found.media_type == blobs.JPEG else f'attachment; filename="{sha256[:16]}.pdf"'
    return Response(found.data, mimetype=found.media_type, headers={"Content-Disposition": way})


def _act(found: Asset, form: DeskForm, act: Callable[[], None]) -> ResponseReturnValue:
    """Do what a form asks for and show the record; else the record with what is wrong in that form."""
    here = url_for("assets.asset", key=found.key)
    if act_once(form, f"assets.{type(form).__name__}", act, place=here, about=found.key):
        flash(i18n._("Saved."))
        return redirect(here, 303)
    return _asset_page(found, form), form.status


def _asset_page(found: Asset, sent: DeskForm | None = None) -> str:
    """Draw a record; `sent` is the form that came back refused."""
    forms = {
        name: sent if isinstance(sent, kind) else kind(formdata=None, data={"version": found.version})
        for name, kind in _FORMS.items()
    }
    _offer(cast("StateForm", forms["state_form"]), found)
    [files] = queries.read_files([found])
    return render_template(
        "assets/asset.html",
        record=found,
        files=files,
        obstacles=files.obstacles(clock.today()),
        happened=queries.list_happened(found.id),
        axes=AXES,
        problems=sent,
        places=queries.list_kinds(scope()).places,
        **forms,
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
        custodian=told.get("keeper", "")[:160],
        title=_coded(Title, told.get("title", "")),
        operability=_coded(Operability, told.get("state", "")),
        whereabouts=_coded(Whereabouts, told.get("where", "")),
        is_dear=told.get("dear") == "1",
    )


def _wanted() -> dict[str, str]:
    """Return what the address asks for, to be taken along to the next page and to the tags."""
    names = ("found", "category", "place", "title", "state", "where", "keeper", "dear")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _coded(kind: type[Coded], told: str) -> Coded | None:
    return kind(told) if told in {one.value for one in kind} else None


def _square(text: str) -> Markup:
    target = BytesIO()
    segno.make_qr(text, error="m").save(target, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=1)
    return Markup(target.getvalue().decode())  # noqa: S704 - drawn here, of a tag that is letters and digits
