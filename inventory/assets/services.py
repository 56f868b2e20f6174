"""The register is filled from a list, and what happens to a record is written beside it."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, BinaryIO

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import class_mapper

from clinic.kernel import blobs
from clinic.kernel.access import Scope
from clinic.kernel.clock import now, today
from clinic.kernel.db import db, ensure_version
from clinic.kernel.errors import DomainError
from clinic.kernel.numbering import next_number
from clinic.kernel.operations import once
from clinic.kernel.rows import MOST_BYTES, Mistake, Row, read_rows, refuse
from clinic.kernel.text import N_
from inventory.agreements.queries import get_agreement
from inventory.assets.models import Asset, AssetEvent, AssetEvidence, AssetWord
from inventory.assets.queries import get_asset
from inventory.assets.rules import (
    MOST_UNITS,
    PLACEHOLDER,
    REJECTED,
    EvidenceKind,
    Operability,
    Tracking,
    Whereabouts,
    ensure_change,
    ensure_evidence,
    ensure_ours,
    expand,
    search_words,
    serial_key,
    to_cents,
    unit_price,
)
from inventory.assets.schemas import EquipmentRowSchema

TOTAL = "TOTAL"
_ANYBODY = 0
_SUM = "line_total_eur"


class UnchangedPlace(DomainError):
    """A thing is moved to where it stands already."""

    code = "unchanged_place"
    status = 422


@dataclass(frozen=True)
class EquipmentImport:
    """What a list holds: its lines, the records that they make, their units, their worth in cents."""

    lines: int = 0
    records: int = 0
    units: int = 0
    cents: int = 0
    is_repeat: bool = False


# ---- the list ------------------------------------------------------------------------------------------------------


def import_equipment(scope: Scope, file: BinaryIO, *, agreement_code: str, dry_run: bool = False) -> EquipmentImport:
    """Put on the register what a CSV file lists under an agreement, all or nothing.

    A last row whose line_no is TOTAL states the sum, which the lines must come to. The same file a second time changes
    nothing. Runs inside `transaction()`, a dry run also without. Raises UnreadableFile with the row and column of
    everything wrong.
    """
    content = file.read(MOST_BYTES + 1)
    body, stated = _split_total(content)
    rows = read_rows(BytesIO(body), EquipmentRowSchema())
    agreement = get_agreement(agreement_code)
    if not dry_run:
        claim = once(_ANYBODY, f"equipment.import:{scope.site_id}", hashlib.sha256(content).hexdigest(), {})
        if claim.is_repeat:
            return EquipmentImport(is_repeat=True)
        claim.answered("/equipment")
    refuse([*_mistakes(rows), *_wrong_sum(rows, stated)])
    records = [asset for row in rows for asset in _records(scope, row, agreement.id, agreement.rate_policy)]
    if not dry_run:
        for asset in records:
            asset.tag = f"AS-{next_number('asset'):06}"
        db.session.add_all(records)
        db.session.flush()
        db.session.add_all(AssetWord(word=word, asset_id=asset.id) for asset in records for word in _words_of(asset))
        db.session.flush()
    return EquipmentImport(
        lines=len(rows),
        records=len(records),
        units=sum(asset.quantity for asset in records),
        cents=sum(asset.line_cents for asset in records),
    )


def _words_of(asset: Asset) -> frozenset[str]:
    return search_words(asset.name_en, asset.name_tr, asset.name_ar, asset.maker, asset.model)


def _split_total(content: bytes) -> tuple[bytes, tuple[int, str] | None]:
    """Return a list without its last row where that states the sum, and the number and the cell of that row."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:  # told where rows are read
        return content, None
    rows = list(csv.reader(StringIO(text, newline="")))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) < 2 or rows[-1][:1] != [TOTAL] or _SUM not in rows[0]:  # noqa: PLR2004 - a heading and a sum
        return content, None
    stated = rows[-1][rows[0].index(_SUM)] if len(rows[-1]) > rows[0].index(_SUM) else ""
    kept = StringIO(newline="")
    csv.writer(kept).writerows(rows[:-1])
    return kept.getvalue().encode(), (len(rows), stated.strip())


def _wrong_sum(rows: Sequence[Row], stated: tuple[int, str] | None) -> Iterator[Mistake]:
    if stated is None:
        return
    number, cell = stated
    try:
        total: Decimal = EquipmentRowSchema().fields[_SUM].deserialize(cell)
    except ValidationError as error:
        yield Mistake(number, _SUM, " ".join(map(str, error.messages)))
        return
    lines = sum((row.values[_SUM] for row in rows), Decimal(0))
    if lines != total:
        yield Mistake(number, _SUM, f"lines {lines:,.2f}, stated {total:,.2f}, difference {abs(total - lines):,.2f}")


def _mistakes(rows: Sequence[Row]) -> Iterator[Mistake]:
    seen: dict[tuple[str, str], int] = {}
    on_file = {
        (maker, serial): tag
        for maker, serial, tag in db.session.execute(
            select(Asset.maker_key, Asset.serial_key, Asset.tag).where(Asset.serial_key != "")
        )
    }
    numbers: dict[int, int] = {}
    for row in rows:
        yield from _wrong_price(row)
        if (first := numbers.setdefault(row.values["line_no"], row.number)) != row.number:
            yield Mistake(row.number, "line_no", f"line {row.values['line_no']} stands in row {first} already")
        if row.values["tracking"] is not Tracking.SERIAL:
            continue
        pattern, quantity = row.values["serial_pattern"], row.values["qty"]
        if quantity > MOST_UNITS:
            yield Mistake(row.number, "qty", f"more than {MOST_UNITS} units are a lot, not serial numbers")
            continue
        if quantity > 1 and PLACEHOLDER not in pattern:
            yield Mistake(row.number, "serial_pattern", f"{quantity} units need {PLACEHOLDER} in their serial number")
            continue
        maker = _maker_key(row)
        for serial in expand(pattern, quantity):
            key = serial_key(serial)
            if not key:
                yield Mistake(row.number, "serial_pattern", f"{serial or 'nothing'} is no serial number")
            elif (maker, key) in on_file:
                yield Mistake(row.number, "serial_pattern", f"{serial} is on the register as {on_file[maker, key]}")
            elif (first := seen.setdefault((maker, key), row.number)) != row.number:
                yield Mistake(row.number, "serial_pattern", f"{serial} stands in row {first} already")


def _wrong_price(row: Row) -> Iterator[Mistake]:
    told = row.values
    rate, unit = told["demo_rate_per_eur"], told["unit_price_eur"]
    if rate is None and told["orig_currency"] != "EUR":
        yield Mistake(
            row.number, "demo_rate_per_eur", f"rate missing for {told['orig_currency']} {told['purchase_month']:%Y-%m}"
        )
        return
    reckoned = unit_price(told["orig_unit_price"], rate or Decimal(1))
    if reckoned != unit:
        yield Mistake(row.number, "unit_price_eur", f"{unit:,.2f} stated, {reckoned:,.2f} by price and rate")
    if unit * told["qty"] != told[_SUM]:
        yield Mistake(row.number, _SUM, f"{told[_SUM]:,.2f} stated, {unit * told['qty']:,.2f} by quantity and price")


def _records(scope: Scope, row: Row, agreement_id: int, rate_source: str) -> Iterator[Asset]:
    told = row.values
    is_serial = told["tracking"] is Tracking.SERIAL
    maker, _, model = told["make_model_placeholder"].partition(" / ")
    quantity = 1 if is_serial else told["qty"]
    serials = expand(told["serial_pattern"], told["qty"]) if is_serial else [told["serial_pattern"]]
    for serial in serials:
        yield Asset(
            site_id=scope.site_id,
            agreement_id=agreement_id,
            line_no=told["line_no"],
            category=told["category"],
            name_en=told["item_en"],
            name_tr=told["item_tr"],
            name_ar=told["item_ar"],
            maker=maker,
            model=model,
            maker_key=_maker_key(row),
            tracking=told["tracking"],
            serial=serial,
            serial_key=serial_key(serial) if is_serial else "",
            quantity=quantity,
            unit=told["unit"],
            unit_cents=to_cents(told["unit_price_eur"]),
            line_cents=to_cents(told["unit_price_eur"] * quantity),
            currency=told["orig_currency"],
            original_cents=to_cents(told["orig_unit_price"]),
            rate=told["demo_rate_per_eur"] or Decimal(1),
            rate_source=rate_source,
            bought_in=told["purchase_month"],
            warranty_months=told["warranty_months"],
            service_months=told["ppm_interval_months"],
            calibration_months=told["calibration_interval_months"],
            place=told["location"],
            is_demo=bool(told["is_demo"]),
        )


def _maker_key(row: Row) -> str:
    return serial_key(row.values["make_model_placeholder"])


# ---- what happens to a record --------------------------------------------------------------------------------------


def set_operability(scope: Scope, key: str, becomes: Operability, *, because: str, seen: int) -> None:
    """Note that a thing works, fails, is repaired or condemned. Raises NotFound, Stale, KeptElsewhere, NoSuchChange."""
    asset = _held(scope, key, seen)
    ensure_change(asset.operability, becomes)
    _Said(because, scope.user_id).of(asset, "operability", asset.operability, becomes)
    asset.operability = becomes
    db.session.flush()


def move(scope: Scope, key: str, place: str, *, because: str, seen: int) -> None:
    """Note that a thing now stands elsewhere within the site. Raises NotFound, Stale, KeptElsewhere, UnchangedPlace."""
    asset = _held(scope, key, seen)
    if place == asset.place and asset.whereabouts is Whereabouts.IN_PLACE:
        raise UnchangedPlace(N_("It stands there already."), field="place")
    _Said(because, scope.user_id).of(asset, "place", asset.place, place)
    asset.place, asset.whereabouts = place, Whereabouts.IN_PLACE
    db.session.flush()


def miss(scope: Scope, key: str, *, because: str, seen: int) -> None:
    """Note that a thing is not found where it should stand. Raises NotFound, Stale, KeptElsewhere."""
    asset = _held(scope, key, seen)
    _Said(because, scope.user_id).of(asset, "whereabouts", asset.whereabouts, Whereabouts.MISSING)
    asset.whereabouts = Whereabouts.MISSING
    db.session.flush()


def keep_evidence(
    scope: Scope,
    key: str,
    data: bytes,
    *,
    kind: EvidenceKind,
    media_type: str,
    dated_on: date | None = None,
    note: str = "",
) -> None:
    """Put a file on a record's file: it counts from now on, and the one before it stays.

    `data` are bytes that a field of `kernel.uploads` has checked. Raises NotFound, WrongEvidence.
    """
    asset = get_asset(scope, key)
    ensure_evidence(kind, is_picture=media_type == blobs.JPEG, dated_on=dated_on, today=today())
    db.session.add(
        AssetEvidence(
            asset_id=asset.id,
            kind=kind,
            sha256=blobs.keep(data, media_type=media_type),
            media_type=media_type,
            dated_on=dated_on,
            note=note,
            at=now(),
            by_id=scope.user_id,
        )
    )
    db.session.flush()


def settle(
    asset: Asset,
    *,
    accepted: int,
    rejected: int,
    missing: int,
    custodian: str,
    place: str,
    because: str,
    by_id: int,
) -> None:
    """Write down what a receiver said of a record: what is accepted is kept there from now on, the rest stays here.

    Of a lot each part becomes a record of its own; the accepted part keeps the tag that the certificate names, and
    units and cents add up as before. The title does not change. `because` begins with the certificate's number.
    """
    said = _Said(because, by_id)
    if missing:
        lost = asset if missing == asset.quantity else _split(asset, missing, said)
        said.of(lost, "whereabouts", lost.whereabouts, Whereabouts.MISSING)
        lost.whereabouts = Whereabouts.MISSING
    if rejected:
        refused = _split(asset, rejected, said) if accepted else asset
        said.of(refused, "answer", "", f"{REJECTED}")
    if accepted:
        said.of(asset, "custody", asset.custodian, custodian)
        said.of(asset, "place", asset.place, place)
        asset.custodian, asset.place, asset.whereabouts = custodian, place, Whereabouts.IN_PLACE
    db.session.flush()


@dataclass(frozen=True)
class _Said:
    """Who says why that something happened to records."""

    because: str
    by_id: int

    def of(self, asset: Asset, axis: str, was: str, became: str) -> None:
        """Write down what became of a record."""
        db.session.add(
            AssetEvent(
                asset_id=asset.id,
                axis=axis,
                was=was[:80],
                became=became[:80],
                because=self.because[:200],
                at=now(),
                by_id=self.by_id,
            )
        )


def _split(asset: Asset, quantity: int, said: _Said) -> Asset:
    """Take units out of a lot as a record of their own, under a new tag, with the same files; return it."""
    part = Asset(
        **_same(asset, but={"id", "key", "tag", "quantity", "line_cents", "version"}),
        tag=f"AS-{next_number('asset'):06}",
        quantity=quantity,
        line_cents=quantity * asset.unit_cents,
    )
    rest = asset.quantity - quantity
    db.session.add(part)
    db.session.flush()
    db.session.add_all(AssetWord(word=word, asset_id=part.id) for word in _words_of(part))
    kept = db.session.scalars(
        select(AssetEvidence).where(AssetEvidence.asset_id == asset.id).order_by(AssetEvidence.id)
    )
    db.session.add_all(AssetEvidence(**_same(one, but={"id", "key", "asset_id"}), asset_id=part.id) for one in kept)
    said.of(asset, "quantity", str(asset.quantity), f"{rest} + {quantity} ({part.tag})")
    said.of(part, "quantity", "", f"{quantity} ({asset.tag})")
    asset.quantity, asset.line_cents = rest, rest * asset.unit_cents
    db.session.flush()
    return part


def _same(row: Asset | AssetEvidence, *, but: set[str]) -> dict[str, Any]:
    """Return what a row says in its columns, for another row that says the same."""
    return {each.key: getattr(row, each.key) for each in class_mapper(type(row)).column_attrs if each.key not in but}


def _held(scope: Scope, key: str, seen: int) -> Asset:
    asset = get_asset(scope, key)
    ensure_version(asset, seen)
    ensure_ours(asset.custodian)
    return asset
