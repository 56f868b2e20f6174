"""The administrator's page of who practises what."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import i18n
from clinic.kernel.access import require, scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.specialties import forms, queries, services
from clinic.specialties.views.blueprint import blueprint


@blueprint.get("/specialties")
@require(Permission.USERS)
def practice() -> ResponseReturnValue:
    """Show who practises what at the site."""
    return render_template(
        "specialties/practice.html", doctors=queries.list_doctors(scope()), specialties=queries.list_specialties()
    )


@blueprint.get("/specialties/<key>")
@require(Permission.USERS)
def doctor(key: str) -> ResponseReturnValue:
    """Show what one doctor practises."""
    found = queries.get_doctor(scope(), key)
    form = forms.PracticeForm(data={"practised": found.practises, "usual": next(iter(found.practises), None)})
    return _doctor_page(form, found)


@blueprint.post("/specialties/<key>")
@require(Permission.USERS)
def set_practice(key: str) -> ResponseReturnValue:
    """Let one doctor practise what is ticked."""
    form, mine = forms.PracticeForm(), scope()
    found = queries.get_doctor(mine, key)
    _offer(form)
    if form.validate():
        try:
            with transaction():
                services.set_practice(mine, key, form.practised.data, usual=form.usual.data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            flash(i18n._("Saved."))
            return redirect(url_for("specialties.practice"))
    return _doctor_page(form, found), 422


def _doctor_page(form: forms.PracticeForm, found: queries.Doctor) -> str:
    _offer(form)
    return render_template("specialties/doctor.html", form=form, doctor=found)


def _offer(form: forms.PracticeForm) -> None:
    words = [(one.code, getattr(one, f"name_{i18n.language()}")) for one in queries.list_specialties()]
    form.practised.choices = words
    form.usual.choices = words
