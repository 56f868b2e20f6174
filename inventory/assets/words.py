"""Amounts, names and states of equipment, in the language of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from clinic.kernel.i18n import _, isolated, language, month, number
from clinic.kernel.text import N_
from inventory.assets.models import Asset
from inventory.assets.queries import Asked, Happened, Kinds
from inventory.assets.rules import REJECTED, Operability, Strip, Title, Whereabouts

AXES = {
    "operability": N_("State"),
    "place": N_("Place"),
    "whereabouts": N_("Whereabouts"),
    "title": N_("Title"),
    "custody": N_("Kept by"),
    "quantity": N_("Units"),
    "answer": N_("Receiver"),
}


def euros(cents: int) -> str:
    """Return whole cents as an amount with two decimals."""
    return number(Decimal(cents) / 100, 2)


def worth(cents: int) -> str:
    """Return whole cents as an amount with its currency."""
    return f"EUR {euros(cents)}"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One way to narrow the register: its choices by value and words, and the one chosen."""

    name: str
    label: str
    every: str
    choices: Sequence[tuple[str, str]]
    chosen: str


def filters(asked: Asked, kinds: Kinds) -> list[Filter]:
    """Return the ways in which the register is narrowed."""
    return [
        Filter(
            name="category",
            label=_("Category"),
            every=_("every category"),
            choices=[(one, one) for one in kinds.categories],
            chosen=asked.category,
        ),
        Filter(
            name="place",
            label=_("Place"),
            every=_("every place"),
            choices=[(one, one) for one in kinds.places],
            chosen=asked.place,
        ),
        Filter(
            name="title",
            label=_("Title"),
            every=_("every title"),
            choices=[(one.value, _(one.label)) for one in Title],
            chosen=asked.title or "",
        ),
        Filter(
            name="state",
            label=_("State"),
            every=_("every state"),
            choices=[(one.value, _(one.label)) for one in Operability],
            chosen=asked.operability or "",
        ),
        Filter(
            name="where",
            label=_("Whereabouts"),
            every=_("everywhere"),
            choices=[(one.value, _(one.label)) for one in Whereabouts],
            chosen=asked.whereabouts or "",
        ),
        Filter(
            name="keeper",
            label=_("Kept by"),
            every=_("whoever keeps it"),
            choices=[(one, one) for one in kinds.custodians],
            chosen=asked.custodian,
        ),
    ]


def name_of(asset: Asset) -> str:
    """Return what a record is called in the language of the page."""
    return str(getattr(asset, f"name_{language()}"))


def bought(asset: Asset) -> str:
    """Return at what price a record was bought, in which currency, and at which rate."""
    price = f"{asset.currency} {euros(asset.original_cents)}"
    if asset.currency == "EUR":
        return price
    return _(
        "%(price)s at %(rate)s for 1 EUR (%(source)s, %(month)s)",
        price=isolated(price),
        rate=number(asset.rate),
        source=isolated(asset.rate_source),
        month=month(asset.bought_in),
    )


def what_happened(event: Happened) -> str:
    """Return what a record was and became; what it became alone where it was nothing before."""
    if not event.was:
        return _state(event.axis, event.became)
    return f"{_state(event.axis, event.was)} → {_state(event.axis, event.became)}"


def who(event: Happened) -> str:
    """Return who says so, in the script of the page where it is known."""
    return event.name_ar if language() == "ar" and event.name_ar else event.name_latin


def strip_figures(strip: Strip) -> list[tuple[str, str]]:
    """Return the parts of the strip in words and figures, in its order."""
    return [(_(title.label), euros(strip.parts[title])) for title in Title]


def strip_notes(strip: Strip) -> list[str]:
    """Return how the register stands to the estimate of the source and to the budget line; never hidden, never 0."""
    notes = []
    if strip.beyond_estimate:
        notes.append(
            _(
                "%(amount)s EUR from the estimate of %(estimate)s EUR",
                amount=_signed(strip.beyond_estimate),
                estimate=euros(strip.estimate),
            )
        )
    if strip.beyond_budget > 0:
        notes.append(_("exceeds the budget line by %(amount)s EUR", amount=euros(strip.beyond_budget)))
    if not notes and strip.beyond_budget < 0:
        notes.append(_("exactly the estimate, %(amount)s EUR", amount=euros(strip.estimate)))
    return notes or [_("exactly the estimate and the budget line, %(amount)s EUR", amount=euros(strip.estimate))]


def _signed(cents: int) -> str:
    return f"{'+' if cents > 0 else '−'}{euros(abs(cents))}"


def _state(axis: str, value: str) -> str:
    kinds = {"operability": Operability, "whereabouts": Whereabouts, "title": Title}
    if value == REJECTED:
        return _("rejected")
    return _(kinds[axis](value).label) if axis in kinds else value
