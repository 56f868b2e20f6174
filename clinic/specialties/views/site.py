"""The administrator's page of the site: its name, its phone, its hours."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError, Stale
from clinic.sites import services
from clinic.sites.queries import get_site, list_hours
from clinic.specialties.forms import WEEKDAYS, SiteForm, differences, site_form
from clinic.specialties.views.blueprint import blueprint


@blueprint.get("/clinic")
@require(Permission.USERS)
def site() -> ResponseReturnValue:
    """Show how the site is called and when it is open."""
    found = get_site(scope())
    told = {name: getattr(found, name) for name in ("name_en", "name_tr", "name_ar", "phone", "version")}
    return _page(site_form(list_hours(scope()), **told))


@blueprint.post("/clinic")
@require(Permission.USERS)
def change_site() -> ResponseReturnValue:
    """Change how the site is called and when it is open, or show both texts where someone else was faster."""
    form, mine, is_stale = site_form(), scope(), False
    if form.validate():
        try:
            hours = form.hours()
            with transaction():
                services.change_site(
                    mine,
                    name_en=form.name_en.data or "",
                    name_tr=form.name_tr.data or "",
                    name_ar=form.name_ar.data or "",
                    phone=form.phone.data or "",
                    hours=hours,
                    seen=form.version.data or 0,
                )
        except DomainError as refusal:
            form.refuse(refusal)
            is_stale = isinstance(refusal, Stale)
        else:
            flash(i18n._("Saved."))
            return redirect(url_for("specialties.site"))
    return _page(form, is_stale=is_stale), 422


def _page(form: SiteForm, *, is_stale: bool = False) -> str:
    found = get_site(scope())
    if is_stale:
        form.version.show(found.version)
    told = differences(form, found) if is_stale else []
    return render_template("specialties/site.html", form=form, weekdays=WEEKDAYS, differences=told)
