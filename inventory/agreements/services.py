"""Parties come to be known, agreements are made."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.kernel.db import db
from clinic.kernel.text import clean
from inventory.agreements.models import Agreement, Party
from inventory.agreements.queries import get_agreement


def find_or_add_party(name: str) -> int:
    """Return the number of the party of that name, which is one from now on if it was none before."""
    named = select(Party.id).where(Party.name == clean(name))
    if (found := db.session.scalar(named)) is not None:
        return found
    try:
        with db.session.begin_nested():
            db.session.add(Party(name=clean(name)))
    except IntegrityError:  # another desk named the same donor at this moment
        db.session.expire_all()
    return db.session.scalars(named).one()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what a handover rests, who gives, from when until when; and whether the threshold itself needs proof."""

    is_threshold_included: bool = True
    instrument: str = ""
    legal_basis: str = ""
    authorisation: str = ""
    giver: str = ""
    starts_on: date | None = None
    extended_until: date | None = None


def open_agreement(
    *,
    code: str,
    title: str,
    donor: str,
    rate_policy: str,
    estimate_cents: int,
    budget_cents: int,
    threshold_cents: int,
    terms: Terms | None = None,
) -> Agreement:
    """Put an agreement on file with the rules that it sets; amounts in cents."""
    agreement = Agreement(
        code=code,
        title=title,
        donor_id=find_or_add_party(donor),
        rate_policy=rate_policy,
        estimate_cents=estimate_cents,
        budget_cents=budget_cents,
        threshold_cents=threshold_cents,
        **asdict(terms or Terms()),
    )
    db.session.add(agreement)
    db.session.flush()
    return agreement


def change_agreement(code: str, **told: object) -> Agreement:
    """Write anew what is told of an agreement on file, as by an amendment; the record keeps what it said before.

    Raises NotFound.
    """
    agreement = get_agreement(code)
    if (donor := told.pop("donor", None)) is not None:
        agreement.donor_id = find_or_add_party(str(donor))
    for name, value in told.items():
        setattr(agreement, name, value)
    db.session.flush()
    return agreement
