"""Invented photographs and papers of equipment, each of which says in large letters that it is a demo's."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from clinic.kernel import blobs
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from inventory.agreements.models import Agreement
from inventory.assets.models import Asset
from inventory.assets.rules import EvidenceKind
from inventory.assets.services import keep_evidence

_PAPER, _INK, _METAL = "#f4f1ea", "#2b2b2b", "#d5d8da"
_TINTS = ("#c9d6d3", "#d8cfc0", "#cfd3de", "#d9c9c9", "#d3dac6")


def put_on_file(scope: Scope, assets: Sequence[Asset], agreement: Agreement, *, tonight: date) -> None:
    """Show each record: the thing, its nameplate, and where they are needed its calibration and its invoice."""
    for asset in assets:
        files: list[tuple[EvidenceKind, bytes, date | None]] = [
            (EvidenceKind.PHOTO, picture_of(asset), None),
            (EvidenceKind.NAMEPLATE, _nameplate(asset), None),
        ]
        if agreement.needs_proof(asset.unit_cents):
            files.append((EvidenceKind.PROOF, _paper("INVOICE", asset, f"{asset.bought_in:%m.%Y}"), None))
        if asset.calibration_months:
            day = tonight - timedelta(days=15 * asset.calibration_months)
            files.append((EvidenceKind.CALIBRATION, _paper("CALIBRATION", asset, f"{day:%d.%m.%Y}"), day))
        for kind, data, dated_on in files:
            keep_evidence(scope, asset.key, data, kind=kind, media_type=blobs.JPEG, dated_on=dated_on, note="DEMO")
    db.session.flush()


def picture_of(asset: Asset, *, is_scratched: bool = False) -> bytes:
    """Return the thing as a camera might see it, with the scratch that an inspector shows."""
    image = Image.new("RGB", (480, 360), _TINTS[asset.line_no % len(_TINTS)])
    pen = ImageDraw.Draw(image)
    side = 90 + asset.line_no % 4 * 25
    pen.rounded_rectangle((240 - side, 70, 240 + side, 250), 18, fill=_PAPER, outline=_INK, width=3)
    pen.rounded_rectangle((265 - side, 95, 175 + side, 180), 8, fill="#3d5a63")
    pen.line((200, 250, 180, 290), fill=_INK, width=4)
    pen.line((280, 250, 300, 290), fill=_INK, width=4)
    if is_scratched:
        pen.line((190, 195, 300, 235), fill="#8a1f1f", width=5)
    pen.text((16, 305), f"{asset.maker}, {asset.model}", fill=_INK, font=_letters(16))
    pen.text((16, 328), f"DEMO PICTURE  {asset.tag}", fill=_INK, font=_letters(18))
    return _as_jpeg(image)


def _nameplate(asset: Asset) -> bytes:
    image = Image.new("RGB", (480, 300), "#7d8488")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((20, 20, 460, 280), 10, fill=_METAL, outline=_INK, width=2)
    rows = (asset.maker, asset.model, f"SN {asset.serial}", f"{asset.bought_in.year}", "DEMO NAMEPLATE")
    for number, words in enumerate(rows):
        pen.text((44, 40 + number * 46), words, fill=_INK, font=_letters(24))
    return _as_jpeg(image)


def _paper(heading: str, asset: Asset, day: str) -> bytes:
    image = Image.new("RGB", (420, 594), "white")
    pen = ImageDraw.Draw(image)
    rows = (f"DEMO {heading}", day, asset.maker, asset.model, f"SN {asset.serial}", "invented, proves nothing")
    for number, words in enumerate(rows):
        pen.text((40, 50 + number * 44), words, fill=_INK, font=_letters(22))
    pen.line((40, 500, 220, 500), fill=_INK, width=2)
    return _as_jpeg(image)


@cache
def _letters(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _as_jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()
