from collections.abc import Mapping
from io import BytesIO
from typing import TypeAlias

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from PIL import Image

from clinic.kernel import blobs
from clinic.kernel.access import public
from clinic.kernel.fields import DeskForm
from clinic.kernel.uploads import EvidenceField, PhotoField, takes_files
from tests.desk import HiddenFields, send_files

PAGE = """{% import "_macros/ui.html" as ui with context %}
{% call ui.form("/hand-in", form, files=true) %}{{ ui.field(form.photo) }}{{ ui.field(form.paper) }}{% endcall %}"""
Fields: TypeAlias = Mapping[str, str | bytes]

PDF = b"%PDF-1.7\n%%EOF\n"


class HandIn(DeskForm):
    photo = PhotoField("Photo", required=True)
    paper = EvidenceField("Paper")


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.route("/hand-in", methods=["GET", "POST"])
    @public
    @takes_files
    def hand_in() -> tuple[str, int]:
        form = HandIn()
        if form.is_submitted() and form.validate():
            return f"{(form.photo.data or b'')[:3]!r} {form.paper.media_type} {form.paper.data!r}", 200
        return render_template_string(PAGE, form=form), form.status

    @app.post("/elsewhere")
    @public
    def elsewhere() -> str:
        return "taken"

    return app


def photo(*, noise: int = 0) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue() + bytes(noise)


def send(client: FlaskClient, **files: bytes) -> tuple[int, str]:
    hidden = HiddenFields(client.get("/hand-in").get_data(as_text=True)).forms["/hand-in"]
    answer = send_files(client, "/hand-in", {**hidden, **files})
    return answer.status_code, answer.get_data(as_text=True)


def test_a_form_with_files_says_which_it_takes(client: FlaskClient) -> None:
    page = client.get("/hand-in").get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in page
    assert 'accept="image/jpeg,image/png"' in page
    assert 'type="file"' in page


def test_a_photo_of_several_megabytes_comes_out_as_a_jpeg_whatever_its_name(client: FlaskClient) -> None:
    status, words = send(client, photo=photo(noise=5_000_000), paper=PDF)
    assert (status, words.split(" ", 1)[0]) == (200, r"b'\xff\xd8\xff'")
    assert ("application/pdf" in words, "%PDF" in words) == (True, True)


def test_what_is_a_photo_and_what_a_document_is_told_by_its_bytes(client: FlaskClient) -> None:
    _, words = send(client, photo=photo(), paper=photo())
    assert "image/jpeg" in words


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "A file is needed here."),
        ({"photo": b"MZ" + bytes(50)}, "not a photo that can be read"),
        ({"photo": PDF}, "not a photo that can be read"),
        ({"photo": bytes(blobs.MOST_BYTES + 1)}, "larger than 20 MB"),
        ({"photo": photo(), "paper": PDF[:-6]}, "not a PDF that can be read"),
        ({"photo": photo(), "paper": b"GIF89a"}, "not a photo that can be read"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(client: FlaskClient, files: dict[str, bytes], words: str) -> None:
    status, page = send(client, **files)
    assert status == 422
    assert words in page


def test_words_where_a_file_belongs_are_no_file(client: FlaskClient) -> None:
    hidden = HiddenFields(client.get("/hand-in").get_data(as_text=True)).forms["/hand-in"]
    assert client.post("/hand-in", data={**hidden, "photo": "text"}).status_code == 422


def test_only_a_view_that_takes_files_is_sent_large_ones(client: FlaskClient) -> None:
    hidden = HiddenFields(client.get("/hand-in").get_data(as_text=True)).forms["/hand-in"]
    large: Fields = {**hidden, "photo": photo(noise=3_000_000)}
    assert send_files(client, "/elsewhere", large).status_code == 413
    huge: Fields = {**hidden, "photo": bytes(70_000_000)}
    assert send_files(client, "/hand-in", huge).status_code == 413
