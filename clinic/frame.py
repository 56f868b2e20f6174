"""What the frame of every page shows: who works, which doors are theirs, the time, and whether this is a demo."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for

from clinic.auth.roles import Permission, Role
from clinic.kernel import clock, i18n, tabs
from clinic.kernel.access import Subject, find_subject
from clinic.kernel.i18n import _, _l
from clinic.kernel.tabs import Tab
from clinic.kernel.text import initials
from clinic.sites.queries import find_installation
from clinic.sites.rules import Hours

TABS = (
    Tab(Permission.LAB, "lab.waiting", _l("Laboratory")),
    Tab(Permission.TRIAGE, "triage.queue", _l("Triage")),
    Tab(Permission.CONSULT, "consultations.queue", _l("My desk")),
    Tab(Permission.DISPENSE, "pharmacy.waiting", _l("Dispense")),
    Tab(Permission.DISPENSE, "pharmacy.owings", _l("Owings")),
    Tab(Permission.PATIENT_SEARCH, "registration.search", _l("Registration")),
    Tab(Permission.PATIENT_REGISTER, "registration.new_person", _l("New person")),
    Tab(Permission.INTERPRET, "interpreting.queue", _l("Interpreting")),
    Tab(Permission.STOCK_READ, "stock.shelf", _l("Stock")),
    Tab(Permission.ASSET_READ, "assets.register", _l("Equipment")),
    Tab(Permission.BATCH_READ, "handovers.batches", _l("Handovers")),
    Tab(Permission.EVENING_READ, "evening.tonight", _l("Tonight")),
    Tab(Permission.REPORT_READ, "reports.index", _l("Reports")),
    Tab(Permission.USERS, "auth.accounts", _l("Accounts")),
    Tab(Permission.USERS, "specialties.site", _l("Clinic")),
    Tab(Permission.USERS, "specialties.rooms", _l("Rooms")),
    Tab(Permission.USERS, "specialties.practice", _l("Who practises what")),
)


@dataclass(frozen=True)
class Person:
    """The signed-in person as the top bar names one."""

    name: str
    initials: str
    role: str
    place: str
    colour: int


def init_app(app: Flask) -> None:
    """Give every template what `base.html` expects."""
    tabs.init_app(app, TABS)
    app.context_processor(_frame)
    app.jinja_env.filters["initials"] = initials


def _frame() -> dict[str, Any]:
    subject = find_subject()
    shared = {"language_url": url_for("auth.language"), "theme": "auto"}
    if subject is None:
        installation = find_installation()
        return shared | {"is_demo": bool(installation and installation.is_demo)}
    return shared | {
        "tabs": tabs.tabs(),
        "person": person_of(subject),
        "person_links": [(url_for("auth.account"), _("Account"))],
        "home_url": url_for("auth.home"),
        "sign_out_url": url_for("auth.sign_out"),
        "lock_url": url_for("auth.lock"),
        "is_demo": subject.is_demo,
        "clock": i18n.clock_time(clock.now()),
        "closing": _closing(subject),
        "keys_off": subject.keys_off,
    }


def person_of(subject: Subject) -> Person:
    """Return the person in the script of the page's language, where the name is known in it."""
    name = subject.name_ar if i18n.language() == "ar" and subject.name_ar else subject.name_latin
    roles = ", ".join(_(Role(role).label) for role in sorted(subject.roles))
    return Person(name=name, initials=initials(name), role=roles, place="", colour=subject.colour)


def _closing(subject: Subject) -> str:
    if subject.opens is None or subject.closes is None:
        return _("closed today")
    local = clock.local(clock.now())
    minute = local.hour * 60 + local.minute
    if minute < subject.opens:
        return _("opens at %(time)s", time=i18n.clock_time(clock.at(local.date(), *divmod(subject.opens, 60))))
    left = Hours(subject.opens, subject.closes).minutes_left(minute)
    if left <= 0:
        return _("closed")
    hours, minutes = divmod(left, 60)
    return _("closes in %(hours)s h %(minutes)s", hours=hours, minutes=f"{minutes:02}")
