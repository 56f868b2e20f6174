"""What the administrator ticks."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from clinic.kernel.fields import ChoiceField, DeskForm, ManyField, TickField, TimeField, VersionField, WordField
from clinic.kernel.i18n import _l
from clinic.kernel.text import N_
from clinic.sites.rules import Hours, PointKind, read_hours

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))


class PracticeForm(DeskForm):
    """The specialties of one doctor; whoever shows it sets the choices of both."""

    practised = ManyField(_l("Practises"))
    usual = ChoiceField(_l("Opens first"), hint=_l("the queue that the desk shows on sitting down"))


class NamedForm(DeskForm):
    """How a room is called, in each language; where one is not given the English name stands."""

    name_en = WordField(_l("Name in English"), required=True, most=120)
    name_tr = WordField(_l("Name in Turkish"), most=120)
    name_ar = WordField(_l("Name in Arabic"), most=120)
    room = WordField(_l("Number on the door"), most=20)

    @property
    def content(self) -> dict[str, Any]:
        """What is told of the room, by the names of the acts."""
        english = self.name_en.data or ""
        return {
            "name_en": english,
            "name_tr": self.name_tr.data or english,
            "name_ar": self.name_ar.data or english,
            "room": self.room.data or "",
        }


class NewRoomForm(NamedForm):
    """A new room."""

    kind = ChoiceField(_l("What is done there"), of=PointKind, required=True, segments=True)
    code = WordField(_l("Short name"), required=True, least=2, most=10)

    @property
    def content(self) -> dict[str, Any]:
        """What is told of the room, with what it is for."""
        return super().content | {"kind": self.kind.data, "code": self.code.data or ""}


class RoomForm(NamedForm):
    """A known room, which may also be closed."""

    version = VersionField()
    is_open = TickField(_l("Takes people"), hint=_l("closed, it takes nobody new; who waits is still served"))

    @property
    def content(self) -> dict[str, Any]:
        """What is told of the room, whether it is open, and the version that was seen."""
        return super().content | {"is_open": self.is_open.data, "seen": self.version.data or 0}


class SiteForm(DeskForm):
    """How the site is called and reached, and when it is open; a day without times is closed."""

    version = VersionField()
    name_en = WordField(_l("Name in English"), required=True, most=120)
    name_tr = WordField(_l("Name in Turkish"), required=True, most=120)
    name_ar = WordField(_l("Name in Arabic"), required=True, most=120)
    phone = WordField(_l("Phone"), required=True, most=40, hint=_l("printed on every label"))

    def times(self, weekday: int) -> tuple[TimeField, TimeField]:
        """Return the fields of one weekday, Monday being 0."""
        return self[f"opens_{weekday}"], self[f"closes_{weekday}"]

    def hours(self) -> dict[int, Hours | None]:
        """Return the hours of each weekday. Raises BadHours."""
        told = {}
        for weekday in range(len(WEEKDAYS)):
            opens, closes = self.times(weekday)
            told[weekday] = read_hours(opens.data, closes.data, field=closes.name)
        return told


def differences(form: DeskForm, row: object) -> list[tuple[str, str, str]]:
    """Return label, what was typed and what is on file, of each word in which the form and the row differ."""
    words = [field for field in form if isinstance(field, WordField)]
    return [
        (str(field.label.text), field.data or "", getattr(row, field.name))
        for field in words
        if (field.data or "") != getattr(row, field.name)
    ]


def site_form(known: Mapping[int, Hours] | None = None, **told: object) -> SiteForm:
    """Return the form of a site; `known` are its hours by weekday, and `told` its words."""
    fields = {
        f"{which}_{weekday}": TimeField(label)
        for weekday in range(len(WEEKDAYS))
        for which, label in (("opens", _l("opens")), ("closes", _l("closes")))
    }
    data = {
        f"{which}_{weekday}": time(*divmod(getattr(hours, which), 60))
        for weekday, hours in (known or {}).items()
        for which in ("opens", "closes")
    }
    form: SiteForm = type("SiteForm", (SiteForm,), fields)(data=told | data)
    return form
