"""How stock is spoken of on a page: units counted, forms, what a movement was."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date

from clinic.kernel.i18n import _, day, isolated, ngettext, number
from clinic.kernel.text import N_
from inventory.stock.rules import Kind, Reason

_FORMS = {
    form: form
    for form in (
        N_("capsule"),
        N_("chewable tablet"),
        N_("cream"),
        N_("ear drops"),
        N_("eye drops"),
        N_("eye ointment"),
        N_("gel"),
        N_("granules"),
        N_("granules for oral suspension"),
        N_("infusion"),
        N_("inhaler"),
        N_("injection"),
        N_("lotion"),
        N_("medical gas"),
        N_("modified-release tablet"),
        N_("nasal drops"),
        N_("nebuliser solution"),
        N_("ointment"),
        N_("oral drops"),
        N_("oral solution"),
        N_("oral suspension"),
        N_("powder for injection"),
        N_("powder for oral suspension"),
        N_("powder for solution"),
        N_("rectal tube"),
        N_("solution"),
        N_("sublingual tablet"),
        N_("tablet"),
        N_("vaginal tablet"),
    )
}

_UNITS: dict[str, Callable[[int, str], str]] = {
    "tablet": lambda count, figure: ngettext("%(figure)s tablet", "%(figure)s tablets", count, figure=figure),
    "capsule": lambda count, figure: ngettext("%(figure)s capsule", "%(figure)s capsules", count, figure=figure),
    "bottle": lambda count, figure: ngettext("%(figure)s bottle", "%(figure)s bottles", count, figure=figure),
    "tube": lambda count, figure: ngettext("%(figure)s tube", "%(figure)s tubes", count, figure=figure),
    "vial": lambda count, figure: ngettext("%(figure)s vial", "%(figure)s vials", count, figure=figure),
    "ampoule": lambda count, figure: ngettext("%(figure)s ampoule", "%(figure)s ampoules", count, figure=figure),
    "sachet": lambda count, figure: ngettext("%(figure)s sachet", "%(figure)s sachets", count, figure=figure),
    "inhaler": lambda count, figure: ngettext("%(figure)s inhaler", "%(figure)s inhalers", count, figure=figure),
    "blister": lambda count, figure: ngettext("%(figure)s blister", "%(figure)s blisters", count, figure=figure),
    "cylinder/concentrator": lambda count, figure: ngettext(
        "%(figure)s cylinder or concentrator", "%(figure)s cylinders or concentrators", count, figure=figure
    ),
    "bag": lambda count, figure: ngettext("%(figure)s bag", "%(figure)s bags", count, figure=figure),
}


def form_words(form: str) -> str:
    """Return a medicine's form in the language spoken here; as it was listed where nobody has translated it."""
    return _(_FORMS[form]) if form in _FORMS else form


def item_words(inn: str, strength: str, form: str) -> str:
    """Return a medicine as it is read out: "amoxicillin 500 mg capsule", the form in the language spoken here."""
    return " ".join(part for part in (inn, strength, form_words(form)) if part)


def units(count: int, base_unit: str, figure: str | None = None) -> str:
    """Return so many base units in words: "40 tablets", "3 bottles (100 mL)"; `figure` is the count as written."""
    kind, _space, size = base_unit.partition(" ")
    figure = number(count) if figure is None else figure
    if kind not in _UNITS:
        return f"{figure} {base_unit}".strip()
    words = _UNITS[kind](count, figure).strip()
    return f"{words} ({isolated(size)})" if size else words


def unit(count: int, base_unit: str) -> str:
    """Return the word alone that stands beside a figure: "tablets"."""
    return units(count, base_unit, figure="")


def expiry_words(expires_on: date | None) -> str:
    """Return a last day as boxes bear it: 01.2027 for the last of a month, else the day."""
    if expires_on is None:
        return _("does not spoil")
    if expires_on.day == monthrange(expires_on.year, expires_on.month)[1]:
        return f"{expires_on.month:02}.{expires_on.year}"
    return day(expires_on)


def movement_words(kind: Kind, reason: Reason, quantity: int) -> str:
    """Return what a movement was, for one line of a card."""
    match kind, reason:
        case Kind.ISSUE, Reason.DISPENSE:
            return _("Dispensed")
        case Kind.RECEIVE, _any:
            return _("Received")
        case Kind.QUARANTINE, _any:
            return _("Set aside") if quantity > 0 else _("Taken off the shelf")
        case _other:
            return _(kind.label)
