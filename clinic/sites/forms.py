"""What the administrator writes of the site."""

from collections.abc import Mapping
from datetime import time

from clinic.kernel.fields import DeskForm, TimeField, WordField
from clinic.kernel.i18n import _l
from clinic.kernel.text import N_
from clinic.sites.rules import Hours, read_hours

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))


class SiteForm(DeskForm):
    """How the site is called and reached, and when it is open; a day without times is closed."""

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


def site_form(known: Mapping[int, Hours] | None = None, **told: str) -> SiteForm:
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
