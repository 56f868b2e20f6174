"""Equipment as tests arrange it: an agreement, lists as files, single records."""

import csv
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

import clinic.demo
from clinic.kernel import blobs
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from inventory.agreements.models import Agreement
from inventory.agreements.services import open_agreement
from inventory.assets.models import Asset
from inventory.assets.rules import EvidenceKind
from inventory.assets.services import import_equipment, keep_evidence

LIST = Path(clinic.demo.__file__).with_name("equipment.csv")
AGREEMENT = "TEST"
ROW: dict[str, Any] = {
    "line_no": 1,
    "is_demo": "DEMO",
    "category": "Cardiology",
    "item_en": "ECG recorder, 12 channels",
    "item_tr": "EKG cihazı, 12 kanallı",
    "item_ar": "جهاز تخطيط القلب",
    "make_model_placeholder": "Maker / ECG12",
    "tracking": "serial",
    "serial_pattern": "DEMO-ECG12-{NNN}",
    "qty": 2,
    "unit": "pc",
    "unit_price_eur": "1000.00",
    "line_total_eur": "2000.00",
    "orig_currency": "TRY",
    "orig_unit_price": "3200.00",
    "demo_rate_per_eur": "3.2",
    "purchase_month": "2016-05",
    "location": "Room 1",
    "calibration_interval_months": "",
}

_numbers = count(1)


def open_test_agreement() -> None:
    """Make the agreement of the tests, where it is not there yet."""
    if db.session.scalar(select(Agreement.id).where(Agreement.code == AGREEMENT)) is None:
        with transaction():
            open_agreement(
                code=AGREEMENT,
                title="Equipment",
                donor="Donor",
                rate_policy="InforEuro, month of payment",
                estimate_cents=220_000_00,
                budget_cents=220_000_00,
                threshold_cents=5_000_00,
            )


def listed(*rows: dict[str, Any], stated: str | None = None) -> BytesIO:
    """Return rows as a file: each the usual row but for what it names; `stated` is the sum in a last row."""
    told = [{**ROW, "line_no": number, **row} for number, row in enumerate(rows, 1)]
    if stated is not None:
        told.append({"line_no": "TOTAL", "line_total_eur": stated})
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(ROW), restval="")
    writer.writeheader()
    writer.writerows(told)
    return BytesIO(text.getvalue().encode())


def create_asset(scope: Scope, **told: Any) -> Asset:  # noqa: ANN401 - cells of a list
    """Put one thing on the register and return it."""
    open_test_agreement()
    number = next(_numbers)
    row = {"qty": 1, "line_total_eur": "1000.00", "serial_pattern": f"SN-{number:05}", **told}
    with transaction():
        import_equipment(scope, listed(row), agreement_code=AGREEMENT)
    return db.session.scalars(select(Asset).where(Asset.site_id == scope.site_id).order_by(Asset.id.desc())).first()  # type: ignore[return-value]  # it is there


def show(scope: Scope, asset: Asset, *kinds: EvidenceKind) -> None:
    """Put on file what lets a record be handed over: both its photos, or just those that are named."""
    with transaction():
        for kind in kinds or (EvidenceKind.PHOTO, EvidenceKind.NAMEPLATE):
            picture = f"{kind} of {asset.tag}".encode()
            keep_evidence(scope, asset.key, picture, kind=kind, media_type=blobs.JPEG)
