import struct
import zlib
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from clinic.kernel import blobs, guards
from clinic.kernel.blobs import JPEG, MOST_BYTES, StoredBlob, Unusable, check_pdf, check_photo
from clinic.kernel.db import WriteOutsideTransaction, db, transaction
from clinic.kernel.errors import NotFound
from tests.clinic.kernel.boxes import at_once

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


@pytest.fixture
def noise(context: Flask) -> Iterator[Flask]:
    """The application in its context, with other evidence kept already."""
    with transaction():
        blobs.keep(b"another", media_type="text/plain")
    yield context
    db.session.rollback()


def keep(data: bytes) -> str:
    with transaction():
        return blobs.keep(data, media_type=JPEG)


def picture(kind: str = "JPEG", *, mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 128).save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


# ---- kept ----------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.usefixtures("noise")
def test_kept_bytes_are_read_back_by_their_hash_to_the_last_bit() -> None:
    data = bytes(range(256)) * 400
    found = blobs.read(keep(data))
    assert (found.sha256, found.media_type, found.size, found.data) == (sha256(data).hexdigest(), JPEG, 102_400, data)


@pytest.mark.postgres
@pytest.mark.usefixtures("noise")
def test_the_same_bytes_are_kept_once() -> None:
    assert keep(b"a") == keep(b"a")
    assert db.session.scalar(select(func.count()).select_from(StoredBlob)) == 2


@pytest.mark.postgres
def test_many_who_keep_the_same_bytes_at_once_all_succeed(app: Flask) -> None:
    assert set(at_once(app, 8, lambda _: keep(b"the same"))) == {sha256(b"the same").hexdigest()}


@pytest.mark.postgres
@pytest.mark.usefixtures("noise")
@pytest.mark.parametrize(
    "statement", ["UPDATE blob SET media_type = 'x'", "DELETE FROM blob", "UPDATE blob SET data = data"]
)
def test_evidence_is_never_changed_and_never_removed(statement: str) -> None:
    with pytest.raises(IntegrityError, match="sealed"), transaction() as session:
        session.connection().exec_driver_sql(statement)


@pytest.mark.usefixtures("noise")
def test_nothing_is_kept_where_the_act_is_refused_or_outside_a_transaction() -> None:
    with pytest.raises(Unusable), transaction():
        blobs.keep(b"b", media_type=JPEG)
        raise Unusable("no")
    with pytest.raises(WriteOutsideTransaction):
        blobs.keep(b"b", media_type=JPEG)
    with pytest.raises(NotFound):
        blobs.read(sha256(b"b").hexdigest())


@pytest.mark.usefixtures("noise")
def test_evidence_changed_below_us_is_told_and_never_shown() -> None:
    name = keep(b"what was signed")
    assert blobs.differences(db.session.connection()) == []
    with transaction() as session:
        guards.drop_all(session.connection())
        session.connection().exec_driver_sql("UPDATE blob SET data = x'00' WHERE media_type = 'image/jpeg'")
    assert blobs.differences(db.session.connection()) == [f"the bytes kept as {name} are others"]
    with pytest.raises(blobs.Damaged):
        blobs.read(name)


# ---- photographs ---------------------------------------------------------------------------------------------------


def test_a_photo_comes_out_upright_small_and_without_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x8825] = {1: "N", 2: (41.0, 0.0, 0.0)}
    photo = opened(check_photo(picture(size=(4_000, 3_000), exif=exif, comment=b"ward 6")))
    assert (photo.format, photo.size, dict(photo.getexif())) == ("JPEG", (1_800, 2_400), {})
    assert set(photo.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("P", "PNG"), ("L", "PNG"), ("CMYK", "JPEG"), ("1", "PNG")]
)
def test_every_kind_of_picture_becomes_a_jpeg(mode: str, kind: str) -> None:
    assert opened(check_photo(picture(kind, mode=mode))).format == "JPEG"


def test_what_is_clear_becomes_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(check_photo(out.getvalue())).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(20),
        PDF,
        picture()[:300],
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        picture("GIF", mode="L"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_what_is_no_readable_photo_is_refused_at_its_field(data: bytes) -> None:
    with pytest.raises(Unusable, match="JPEG or PNG") as refusal:
        check_photo(data, field="photo")
    assert (refusal.value.field, refusal.value.status) == ("photo", 422)


def test_a_small_file_that_unfolds_into_a_huge_picture_is_never_unfolded() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    for side, words in ((9_000, "million pixels"), (60_000, "JPEG or PNG")):
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        with pytest.raises(Unusable, match=words):
            check_photo(bomb + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b""))


def test_a_file_that_is_too_large_is_not_even_opened() -> None:
    for check in (check_photo, check_pdf):
        with pytest.raises(Unusable, match="20 MB"):
            check(PDF + bytes(MOST_BYTES))


# ---- documents -----------------------------------------------------------------------------------------------------


def test_a_pdf_passes_as_it_is() -> None:
    assert check_pdf(PDF) == PDF


@pytest.mark.parametrize("data", [b"", b"MZ" + PDF, PDF[:-6], picture(), b"<html>%PDF-1.7 %%EOF"])
def test_what_is_no_whole_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(Unusable, match="not a PDF") as refusal:
        check_pdf(data, field="paper")
    assert refusal.value.field == "paper"


def test_a_pdf_with_a_program_is_refused() -> None:
    with pytest.raises(Unusable, match="program"):
        check_pdf(PDF.replace(b"<< >>", b"<< /S /JavaScript >>", 1))
