"""Reads of the register: the strip, lists by what is asked, one record with what happened to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from clinic.auth.models import User
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.errors import NotFound
from clinic.kernel.paging import Page, count_up_to, read_page
from clinic.kernel.text import N_
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset, AssetEvent, AssetEvidence, AssetWord
from inventory.assets.rules import (
    EvidenceKind,
    Obstacle,
    Operability,
    Strip,
    Title,
    Whereabouts,
    asked_words,
    calibrated_until,
    obstacles,
    serial_key,
)

SIZE = 25
_LAST = "\uffff"  # behind every letter that a word may go on with


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a list is narrowed to; empty is everything."""

    words: str = ""
    category: str = ""
    place: str = ""
    custodian: str = ""
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
class OnFile:
    """The newest file of each kind that a record has."""

    asset: Asset
    newest: Mapping[EvidenceKind, AssetEvidence]

    @property
    def hashes(self) -> dict[EvidenceKind, str]:
        """The hash of the newest file of each kind."""
        return {kind: one.sha256 for kind, one in self.newest.items()}

    @property
    def calibrated_until(self) -> date | None:
        """Until when the record counts as calibrated; None where it needs no calibration."""
        last = self.newest.get(EvidenceKind.CALIBRATION)
        return calibrated_until(
            self.asset.calibration_months, last_on=last.dated_on if last else None, bought_in=self.asset.bought_in
        )

    def obstacles(self, on: date) -> list[Obstacle]:
        """Return what keeps the record from being handed over on a day."""
        return obstacles(
            title=self.asset.title,
            custodian=self.asset.custodian,
            whereabouts=self.asset.whereabouts,
            operability=self.asset.operability,
            bought_in=self.asset.bought_in,
            evidence=self.newest,
            calibrated_until=self.calibrated_until,
            on=on,
        )


@dataclass(frozen=True)
class Kinds:
    """What the register is told apart by, in their order: categories, places here, and who keeps things elsewhere."""

    categories: Sequence[str] = field(default_factory=list)
    places: Sequence[str] = field(default_factory=list)
    custodians: Sequence[str] = field(default_factory=list)


def get_strip(scope: Scope) -> Strip:
    """Return the register of the site by title, and what the agreements that paid for it estimate and allow.

    One statement.
    """
    paid = select(Asset.agreement_id).where(Asset.site_id == scope.site_id)
    agreed = (
        select(func.sum(column)).where(Agreement.id.in_(paid)).scalar_subquery()
        for column in (Agreement.estimate_cents, Agreement.budget_cents)
    )
    rows = db.session.execute(
        select(Asset.title, func.sum(Asset.line_cents), func.sum(Asset.quantity * Asset.unit_cents), *agreed)
        .where(Asset.site_id == scope.site_id)
        .group_by(Asset.title)
    ).all()
    parts = dict.fromkeys(Title, 0) | {title: int(cents) for title, cents, *_ in rows}
    total = sum(int(reckoned) for _, _, reckoned, *_ in rows)
    estimate, budget = (int(amount) for amount in rows[0][3:]) if rows else (0, 0)
    return Strip(parts, total, estimate, budget)


def list_assets(scope: Scope, asked: Asked, *, after: str | None = None) -> Page:
    """Return a page of the register by tag. One statement, two with `after`."""
    return read_page(select(Asset).where(*_chosen(scope, asked)), by=[Asset.tag], key=Asset.key, after=after, size=SIZE)


def count_assets(scope: Scope, asked: Asked) -> tuple[int, int]:
    """Return how many records there are of what is asked, counting to a limit, and their worth in cents."""
    chosen = select(Asset.line_cents).where(*_chosen(scope, asked))
    cents = db.session.scalars(select(func.coalesce(func.sum(chosen.subquery().c.line_cents), 0))).one()
    return count_up_to(chosen), int(cents)


def list_kinds(scope: Scope) -> Kinds:
    """Return the categories, places and keepers that occur. One statement."""
    rows = db.session.execute(
        select(Asset.category, Asset.place, Asset.custodian).where(Asset.site_id == scope.site_id).distinct()
    ).all()
    return Kinds(
        sorted({category for category, *_ in rows}),
        sorted({place for _, place, custodian in rows if not custodian}),
        sorted({custodian for *_, custodian in rows if custodian}),
    )


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


def read_files(assets: Iterable[Asset]) -> list[OnFile]:
    """Return each record with the newest file of each kind. One statement."""
    kept = list(assets)
    newest: dict[int, dict[EvidenceKind, AssetEvidence]] = defaultdict(dict)
    for one in db.session.scalars(
        select(AssetEvidence)
        .where(AssetEvidence.asset_id.in_([asset.id for asset in kept]))
        .order_by(AssetEvidence.asset_id, AssetEvidence.id)
    ):
        newest[one.asset_id][one.kind] = one
    return [
        OnFile(asset, {kind: newest[asset.id][kind] for kind in EvidenceKind if kind in newest[asset.id]})
        for asset in kept
    ]


def get_evidence(scope: Scope, key: str, evidence_key: str) -> AssetEvidence:
    """Return one file of a record of the site. Raises NotFound."""
    found = db.session.scalar(
        select(AssetEvidence)
        .join(Asset, Asset.id == AssetEvidence.asset_id)
        .where(Asset.site_id == scope.site_id, Asset.key == key, AssetEvidence.key == evidence_key)
    )
    if found is None:
        raise NotFound(N_("There is no such file."))
    return found


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
    if asked.custodian:
        chosen.append(Asset.custodian == asked.custodian)
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
