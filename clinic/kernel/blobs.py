"""Evidence: photographs and documents by the hash of their bytes, in the database, and the checks at the door.

What a person hands in is read as what it is, never as what its name says; a photograph is drawn anew, so that nothing
but the picture is kept: no place, no camera, no hidden second file.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageOps
from sqlalchemy import Connection, LargeBinary, String, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, mapped_column

from clinic.kernel import guards
from clinic.kernel.clock import now
from clinic.kernel.db import Base, Instant, db, writer
from clinic.kernel.errors import DomainError, NotFound, ProgrammingMistake
from clinic.kernel.text import N_

JPEG, PDF = "image/jpeg", "application/pdf"
MEGABYTE = 1_000_000
MOST_BYTES = 20 * MEGABYTE
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2_400
_QUALITY = 85
_BEGINNING = b"%PDF-"
_END_LIES_WITHIN = 1_024
_ACTIVE = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/RichMedia")


class Unusable(DomainError):
    """A file cannot be taken as it is; what to hand in instead is said."""

    code = "unusable_file"
    status = 422


class Damaged(ProgrammingMistake):
    """Evidence is no longer what was kept: the database below it was changed or is failing."""


class StoredBlob(Base):
    """Bytes that something rests on: never changed, never removed."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(Instant)


guards.seal(StoredBlob.__table__)

_blob = StoredBlob.__table__.c
_KEEP = {
    "sqlite": insert(StoredBlob.__table__),
    "postgresql": postgresql.insert(StoredBlob.__table__).on_conflict_do_nothing(),
}


@dataclass(frozen=True, kw_only=True)
class Blob:
    """Kept bytes, and what they are."""

    sha256: str
    media_type: str
    size: int
    data: bytes


def keep(data: bytes, *, media_type: str) -> str:
    """Keep `data` with the transaction that it belongs to and return its SHA-256; the same bytes are kept once."""
    connection = writer().connection()
    sha256 = hashlib.sha256(data).hexdigest()
    if connection.execute(select(_blob.sha256).where(_blob.sha256 == sha256)).first() is None:
        row = {"sha256": sha256, "media_type": media_type, "size": len(data), "data": data, "kept_at": now()}
        connection.execute(_KEEP[connection.dialect.name], row)
    return sha256


def read(sha256: str) -> Blob:
    """Return what is kept under `sha256`; raises Damaged where the bytes are no longer those that were kept."""
    row = db.session.execute(
        select(_blob.sha256, _blob.media_type, _blob.size, _blob.data).where(_blob.sha256 == sha256)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such file."))
    if hashlib.sha256(row.data).hexdigest() != sha256:
        raise Damaged(f"the bytes kept as {sha256} are others")
    return Blob(sha256=row.sha256, media_type=row.media_type, size=row.size, data=row.data)


def differences(connection: Connection) -> list[str]:
    """Return one line for each blob whose bytes are not those that were kept; none when all is well."""
    lines = []
    for sha256 in connection.scalars(select(_blob.sha256).order_by(_blob.sha256)).all():
        data = connection.execute(select(_blob.data).where(_blob.sha256 == sha256)).scalar_one()
        if hashlib.sha256(data).hexdigest() != sha256:
            lines.append(f"the bytes kept as {sha256} are others")
    return lines


def check_photo(data: bytes, *, field: str | None = None) -> bytes:
    """Return a photograph drawn anew as JPEG, upright, at most 2,400 pixels long, with nothing beside the picture.

    Raises Unusable, for `field`, where it is no JPEG or PNG, cannot be read, or is larger than can be drawn safely.
    """
    _refuse_large(data, field)
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unusable(
                    N_("This photo has more than %(most)s million pixels. Take it at a lower setting."),
                    field=field,
                    most=MOST_PIXELS // 1_000_000,
                )
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return _drawn(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable(N_("This is not a photo that can be read. Choose a JPEG or PNG file."), field=field) from error


def is_pdf(data: bytes) -> bool:
    """Whether bytes begin as a PDF does, whatever their file is called."""
    return data.startswith(_BEGINNING)


def check_pdf(data: bytes, *, field: str | None = None) -> bytes:
    """Return `data` where it is a PDF, whole, and plainly without programs; else raise Unusable, for `field`.

    What hides programs in compressed parts passes: such a file is given out as a download, never opened in our pages.
    """
    _refuse_large(data, field)
    if not is_pdf(data) or b"%%EOF" not in data[-_END_LIES_WITHIN:]:
        raise Unusable(N_("This is not a PDF that can be read. Scan the paper again and save it as PDF."), field=field)
    if any(name in data for name in _ACTIVE):
        raise Unusable(N_("This PDF holds a program. Print it to a new PDF and choose that one."), field=field)
    return data


def _refuse_large(data: bytes, field: str | None) -> None:
    if len(data) > MOST_BYTES:
        raise Unusable(
            N_("This file is larger than %(most)s MB. Choose a smaller one."), field=field, most=MOST_BYTES // MEGABYTE
        )


def _drawn(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        upright = Image.new("RGB", clear.size, "white")
        upright.paste(clear, mask=clear)
    elif upright.mode != "L":
        upright = upright.convert("RGB")
    picture = Image.frombytes(upright.mode, upright.size, upright.tobytes())  # the pixels alone: no profile, no notes
    out = BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
