"""Reads of the register: the strip, lists by what is asked, one record with what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.paging import Page, count_up_to, read_page
from clinic.kernel.text import N_
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset, AssetEvent, AssetWord
from inventory.assets.rules import Operability, Strip, Title, Whereabouts, asked_words, serial_key

SIZE = 25
_LAST = "\uffff"  # behind every letter that a word may go on with


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a list is narrowed to; empty is everything."""

    words: str = ""
    category: str = ""
    place: str = ""
    title: Title | None = None
    operability: Operability | None = None
    whereabouts: Whereabouts | None = None
    is_dear: bool = False


@dataclass(frozen=True)
class Happened:
    """Something that happened to a record, with who says so in both scripts."""

    axis: str
    was: str
    became: str
    because: str
    at: datetime
    name_latin: str
    name_ar: str


@dataclass(frozen=True)
class Kinds:
    """What the register is told apart by: its categories and its places, in their order."""

    categories: Sequence[str] = field(default_factory=list)
    places: Sequence[str] = field(default_factory=list)


def get_strip(scope: Scope) -> Strip:
    """Return the register of the site by title, and what its agreements estimate and allow. Two statements."""
    rows = db.session.execute(
        select(Asset.title, func.sum(Asset.line_cents)).where(Asset.site_id == scope.site_id).group_by(Asset.title)
    )
    parts = dict.fromkeys(Title, 0) | {title: int(cents) for title, cents in rows}
    total, estimate, budget = db.session.execute(
        select(
            select(func.coalesce(func.sum(Asset.quantity * Asset.unit_cents), 0))
            .where(Asset.site_id == scope.site_id)
            .scalar_subquery(),
            func.coalesce(func.sum(Agreement.estimate_cents), 0),
            func.coalesce(func.sum(Agreement.budget_cents), 0),
        )
    ).one()
    return Strip(parts, int(total), int(estimate), int(budget))


def list_assets(scope: Scope, asked: Asked, *, after: str | None = None) -> Page:
    """Return a page of the register by tag. One statement, two with `after`."""
    return read_page(select(Asset).where(*_chosen(scope, asked)), by=[Asset.tag], key=Asset.key, after=after, size=SIZE)


def count_assets(scope: Scope, asked: Asked) -> tuple[int, int]:
    """Return how many records there are of what is asked, counting to a limit, and their worth in cents."""
    chosen = select(Asset.line_cents).where(*_chosen(scope, asked))
    cents = db.session.scalars(select(func.coalesce(func.sum(chosen.subquery().c.line_cents), 0))).one()
    return count_up_to(chosen), int(cents)


def list_kinds(scope: Scope) -> Kinds:
    """Return the categories and places that occur. One statement."""
    rows = db.session.execute(
        select(Asset.category, Asset.place).where(Asset.site_id == scope.site_id).distinct()
    ).all()
    return Kinds(sorted({category for category, _ in rows}), sorted({place for _, place in rows}))


def get_asset(scope: Scope, key: str) -> Asset:
    """Return the site's record of that key. Raises NotFound."""
    found = db.session.scalar(select(Asset).where(Asset.site_id == scope.site_id, Asset.key == key))
    if found is None:
        raise NotFound(N_("There is no such equipment here."))
    return found


def list_happened(asset_id: int) -> list[Happened]:
    """Return what happened to a record, the newest first."""
    rows = db.session.execute(
        select(
            AssetEvent.axis,
            AssetEvent.was,
            AssetEvent.became,
            AssetEvent.because,
            AssetEvent.at,
            User.name_latin,
            User.name_ar,
        )
        .join(User, User.id == AssetEvent.by_id)
        .where(AssetEvent.asset_id == asset_id)
        .order_by(AssetEvent.id.desc())
    )
    return [Happened(*row) for row in rows]


def list_tags(scope: Scope, asked: Asked) -> Sequence[Asset]:
    """Return the records whose tags are to be printed, by tag."""
    return db.session.scalars(select(Asset).where(*_chosen(scope, asked)).order_by(Asset.tag)).all()


def _chosen(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    chosen = [Asset.site_id == scope.site_id]
    if asked.words:
        by_number = [_begins(Asset.tag, asked.words.upper()), _begins(Asset.serial_key, serial_key(asked.words) or "-")]
        having = (select(AssetWord.asset_id).where(_begins(AssetWord.word, word)) for word in asked_words(asked.words))
        by_words = [Asset.id.in_(each) for each in having]
        chosen.append(or_(*by_number, and_(*by_words)) if by_words else or_(*by_number))
    if asked.category:
        chosen.append(Asset.category == asked.category)
    if asked.place:
        chosen.append(Asset.place == asked.place)
    if asked.title:
        chosen.append(Asset.title == asked.title)
    if asked.operability:
        chosen.append(Asset.operability == asked.operability)
    if asked.whereabouts:
        chosen.append(Asset.whereabouts == asked.whereabouts)
    if asked.is_dear:
        reaches = or_(
            Asset.unit_cents > Agreement.threshold_cents,
            and_(Agreement.is_threshold_included, Asset.unit_cents == Agreement.threshold_cents),
        )
        chosen.append(exists().where(Agreement.id == Asset.agreement_id, reaches))
    return chosen


def _begins(column: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    return and_(column >= beginning, column < beginning + _LAST)
