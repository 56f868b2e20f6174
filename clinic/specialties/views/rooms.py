"""The rooms of the site: what is done where, under which name."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError, Stale
from clinic.kernel.operations import once
from clinic.sites.models import ServicePoint
from clinic.sites.queries import get_point, list_points
from clinic.specialties import forms, services
from clinic.specialties.views.blueprint import blueprint


@blueprint.get("/rooms")
@require(Permission.USERS)
def rooms() -> ResponseReturnValue:
    """Show the rooms of the site."""
    return render_template("specialties/rooms.html", rooms=list_points(scope()))


@blueprint.get("/rooms/new")
@require(Permission.USERS)
def new_room() -> ResponseReturnValue:
    """Show the form of a new room."""
    return render_template("specialties/new_room.html", form=forms.NewRoomForm())


@blueprint.post("/rooms/new")
@require(Permission.USERS)
def open_room() -> ResponseReturnValue:
    """Open a room."""
    form, mine = forms.NewRoomForm(), scope()
    if form.validate():
        try:
            with transaction():
                act = once(mine.user_id, "specialties.open_room", form.op.data or "", form.content)
                if not act.is_repeat:
                    services.open_room(mine, **form.content)
                    act.answered(url_for("specialties.rooms"))
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("Saved."))
            return redirect(url_for("specialties.rooms"))
    return render_template("specialties/new_room.html", form=form), 422


@blueprint.get("/rooms/<key>")
@require(Permission.USERS)
def room(key: str) -> ResponseReturnValue:
    """Show one room."""
    point = get_point(scope(), key)
    return _room_page(forms.RoomForm(obj=point), point)


@blueprint.post("/rooms/<key>")
@require(Permission.USERS)
def change_room(key: str) -> ResponseReturnValue:
    """Change how a room is called, and whether it takes anybody new, or show both texts where someone was faster."""
    form, mine, is_stale = forms.RoomForm(), scope(), False
    point = get_point(mine, key)
    if form.validate():
        try:
            with transaction():
                services.change_room(mine, key, **form.content)
        except DomainError as refusal:
            form.refuse(refusal)
            is_stale = isinstance(refusal, Stale)
        else:
            flash(i18n._("Saved."))
            return redirect(url_for("specialties.rooms"))
    return _room_page(form, point, is_stale=is_stale), 422


def _room_page(form: forms.RoomForm, point: ServicePoint, *, is_stale: bool = False) -> str:
    if is_stale:
        form.version.show(point.version)
    differences = forms.differences(form, point) if is_stale else []
    return render_template("specialties/room.html", form=form, point=point, differences=differences)
