"""Every form of the product: fields of our own, and on each check words of our own."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length

import clinic
import inventory
from clinic.kernel import fields, uploads
from clinic.kernel.fields import DeskForm, WordField
from clinic.kernel.i18n import _l


def _modules() -> Iterator[str]:
    for house in (clinic, inventory):
        for module in pkgutil.walk_packages(house.__path__, f"{house.__name__}."):
            if not module.name.startswith("clinic.kernel"):
                yield module.name


def _forms(base: type) -> Iterator[type]:
    found: list[type] = base.__subclasses__()
    for form in found:
        yield form
        yield from _forms(form)


def _faults(form: type) -> Iterator[str]:
    if not issubclass(form, DeskForm):
        yield f"{form.__name__} is no DeskForm"
    for name in dir(form):
        field = getattr(form, name)
        if isinstance(field, UnboundField):
            yield from (f"{form.__name__}.{name} {fault}" for fault in _faults_of_field(field))


def _faults_of_field(field: "UnboundField[Any]") -> Iterator[str]:
    if not any(kind.__module__ in {fields.__name__, uploads.__name__} for kind in field.field_class.__mro__):
        yield f"is a {field.field_class.__name__}, none of our own"
    for validator in field.kwargs.get("validators", field.args[1:2] and field.args[1]) or ():
        if isinstance(validator, DataRequired):
            yield "has a DataRequired, which hides what could not be read and refuses 0"
        elif hasattr(validator, "message") and validator.message is None:
            yield f"has a {type(validator).__name__} without words of its own"


def test_every_form_has_fields_and_words_of_its_own() -> None:
    for name in _modules():
        importlib.import_module(name)
    ours = {form for form in _forms(FlaskForm) if form.__module__.startswith(("clinic.", "inventory."))}
    assert [fault for form in ours for fault in _faults(form)] == []


class _Sound(DeskForm):
    name = WordField(_l("Name"), validators=[Length(max=3, message=_l("Too long"))])


class _Planted(DeskForm):
    name = StringField("Name")
    town = WordField("Town", validators=[Length(max=3)])
    place = WordField("Place", validators=[DataRequired(message="Say where.")])


class _Bare(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    pass


def test_a_sound_form_has_no_fault(app: Flask) -> None:
    assert list(_faults(_Sound)) == []


def test_planted_faults_are_found() -> None:
    assert len(list(_faults(_Planted))) == 3
    assert len(list(_faults(_Bare))) == 1
