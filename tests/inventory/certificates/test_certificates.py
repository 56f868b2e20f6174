import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, text

from clinic.kernel.db import db, transaction
from inventory.certificates import services
from inventory.certificates.models import Certificate
from inventory.certificates.queries import chain_differences
from inventory.certificates.rules import amount_in_words, digest
from tests import factories
from tests.desk import DeskClient, HiddenFields
from tests.inventory.handovers.table import Table, open_table


@pytest.fixture
def table(context: object) -> Table:
    return open_table(factories.create_clinic())


def newest() -> Certificate:
    return db.session.scalars(select(Certificate).order_by(Certificate.id.desc())).first()  # type: ignore[return-value]  # it is there


def test_amounts_stand_in_the_words_of_three_languages() -> None:
    assert amount_in_words("68900.00", "en") == "sixty-eight thousand nine hundred euros"
    assert amount_in_words("68900.00", "tr") == "altmışsekizbindokuzyüz avro"
    assert amount_in_words("68900.00", "ar") == "ثمانية و ستون ألفاً و تسعمائة يورو"
    assert amount_in_words("1.05", "en") == "one euros and five cents"


def test_the_text_holds_amounts_as_strings_and_its_sum_is_that_of_its_lines(table: Table) -> None:
    table.sealed(count=2)
    told = json.loads(newest().text)
    assert [line["line_eur"] for line in told["lines"]] == ["1000.00", "1000.00"]
    assert told["totals"] == {"eur": "2000.00", "lines": 2, "needing_proof_eur": "0.00", "units": 2}
    assert json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) == newest().text
    assert not re.search(r":\d+\.\d", newest().text)


def test_a_text_that_was_changed_beneath_is_named(table: Table) -> None:
    table.sealed()
    number = newest().number
    of_the_table = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'certificate'")
    with transaction() as session:
        for name in session.scalars(of_the_table).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("UPDATE certificate SET text = replace(text, '1000.00', '1.00')"))
    db.session.expire_all()
    assert chain_differences() == [f"{number} v1: its text is no longer what was sealed"]


def test_the_paper_gives_its_words_back_in_three_languages_and_carries_what_was_sealed(table: Table) -> None:
    table.sealed(count=2)
    paper = PdfReader(BytesIO(services.print_certificate(newest())))
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    for phrase in (
        "Certificate of custody and use",
        "emanet ve kullanım teslim tutanağı",
        "EUR 2,000.00",
        "ikibin avro",
    ):
        assert phrase in words
    for phrase in ("المشروع", "الأطراف", "الشروط"):
        assert phrase in words
    assert [f"{number} / 3" in page.extract_text() for number, page in enumerate(paper.pages, 1)] == [True] * 3
    [photo, _] = json.loads(newest().text)["lines"][0]["files"].values()
    assert photo[:16] in words
    [(name, [sealed])] = paper.attachments.items()
    assert name == f"{newest().number}-v1.json"
    assert digest(sealed.decode()) == newest().sha256


def test_anybody_checks_a_certificate_and_learns_no_name_and_no_serial_number(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        table = open_table(factories.create_clinic())
        key = table.sealed()
        number, code = table.certificate(key)
        [thing] = table.assets(key)
        hidden, whole = [thing.serial, thing.tag, thing.name_en, "Ground floor"], newest().sha256
    page = client.get(f"/check/{number}/{code}")
    shown = page.get_data(as_text=True)
    assert page.status_code == 200
    assert (number in shown, whole[:32] in shown, "1000.00" in shown) == (True, True, True)
    assert [word for word in hidden if word in shown] == []
    wrong = (f"{number}/{'0' * 16}", f"HC-1/{code}", "x/y", f"{number}/{code[:5]}")
    answers = [
        (one.status_code, one.get_data(as_text=True)) for one in (client.get(f"/check/{path}") for path in wrong)
    ]
    assert {status for status, _ in answers} == {404}
    assert all("No certificate has this number" in words for _, words in answers)


def test_a_dropped_file_is_compared_byte_for_byte(app: Flask, client: DeskClient) -> None:
    with app.app_context():
        table = open_table(factories.create_clinic())
        key = table.sealed()
        number, code = table.certificate(key)
    path, paper = f"/check/{number}/{code}", f"%PDF-1.7 {key}".encode()
    for data, words in ((paper, "byte for byte"), (paper + b" ", "does not match")):
        hidden = HiddenFields(client.get(path).get_data(as_text=True)).forms[path]
        answer = client.post(path, data={**hidden, "paper": (BytesIO(data), "c.pdf")})
        assert words in answer.get_data(as_text=True)


def test_the_command_knows_a_paper_and_refuses_another(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        table = open_table(factories.create_clinic())
        key = table.sealed()
        number, _ = table.certificate(key)
    paper = tmp_path / "c.pdf"
    paper.write_bytes(f"%PDF-1.7 {key}".encode())
    told = app.test_cli_runner().invoke(args=["clinic", "verify-pdf", str(paper)])
    assert (told.exit_code, f"{number} v1: valid" in told.output) == (0, True)
    paper.write_bytes(b"%PDF-1.7 other")
    other = app.test_cli_runner().invoke(args=["clinic", "verify-pdf", str(paper)])
    assert (other.exit_code, "does not match" in other.output) == (1, True)
