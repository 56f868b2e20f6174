"""The fullest labels that the formulary can make: each stands on one piece of paper, whole."""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import pytest
from flask import Flask
from pypdf import PdfReader

import clinic.demo
from clinic.kernel.i18n import in_language
from clinic.kernel.pdf import render_pdf
from clinic.patients.queries import card_of
from clinic.pharmacy.labels import LANGUAGES, Bag, Label, write_label
from clinic.pharmacy.queries.handouts import GivenLot
from clinic.pharmacy.queries.lines import LineRow
from clinic.pharmacy.rules import Dose, DoseUnit, Food, Paper, TimeOfDay, dose_unit
from clinic.sites.queries import get_site
from tests.clinic.pharmacy.counter import Counter, open_counter
from tests.factories import create_patient

FORMULARY = Path(clinic.demo.__file__).with_name("formulary.csv")
AMOUNTS = {DoseUnit.ML: Decimal("7.5"), DoseUnit.TABLET: Decimal("1.5"), DoseUnit.IU: Decimal(12)}
LOTS = [GivenLot(f"LOT26A{number}14X", date(2027, 1 + number, 27), 10 + number) for number in range(5)]
LONGEST_OF_EACH_UNIT = 2


def longest() -> list[LineRow]:
    """The medicines with the longest names among those dosed alike, each taken in the three ways there are."""
    with FORMULARY.open(encoding="utf-8-sig", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: -len(row["inn"] + row["strength"]))
    found: dict[DoseUnit, list[LineRow]] = {}
    for row in rows:
        unit = dose_unit(row["form"], row["strength"], row["unit"])
        if len(found.setdefault(unit, [])) < LONGEST_OF_EACH_UNIT * 3:
            found[unit] += [line(row, dose) for dose in ways(unit)]
    return [row for rows in found.values() for row in rows]


def ways(unit: DoseUnit) -> list[Dose]:
    amount = AMOUNTS.get(unit, Decimal(2))
    return [
        Dose(amount=amount, unit=unit, times=tuple(TimeOfDay), food=Food.BEFORE, days=14),
        Dose(amount=amount, unit=unit, every_hours=8, food=Food.BEFORE, days=14),
        Dose(amount=amount, unit=unit, is_as_needed=True, max_per_day=4, food=Food.BEFORE, days=14),
    ]


def line(row: dict[str, str], dose: Dose) -> LineRow:
    return LineRow(
        line_id=1,
        position=1,
        item_id=1,
        inn=row["inn"],
        strength=row["strength"],
        form=row["form"],
        base_unit=row["unit"],
        dose=dose,
        prescribed=60,
        given=60,
        indication="",
        override_reason="",
        closed_because=None,
        closed_note="",
        signed_on=date(2026, 11, 24),
        medicine=None,
        owed=None,
    )


@pytest.fixture
def bag(app: Flask) -> Bag:
    with app.app_context():
        counter: Counter = open_counter()
        person = card_of(create_patient(counter.doctor, given_ar="كريم", family_ar="السيد"))
        return Bag(person=person, site=get_site(counter.doctor), number=120, on=date(2026, 11, 24), is_demo=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lots", [1, pytest.param(3, marks=pytest.mark.heavy)])
def test_the_fullest_label_of_the_formulary_stands_on_one_piece_of_paper(
    app: Flask, bag: Bag, language: str, lots: int
) -> None:
    with app.test_request_context():
        written = [write_label(row, LOTS[:lots], bag, part=1, of=10, language=language) for row in longest()]
        with in_language(language):
            pdf = render_pdf("pharmacy/labels.pdf.html", labels=written)
    assert len(written) > 30
    assert len(PdfReader(BytesIO(pdf)).pages) == len(written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_the_lower_label_what_has_no_room_stands_on_a_second_one_that_says_whose_it_is(
    app: Flask, bag: Bag, language: str
) -> None:
    lower = replace(bag, paper=Paper.LONG)
    with app.test_request_context():
        written = [write_label(row, LOTS, lower, part=1, of=10, language=language) for row in longest()[::4]]
        with in_language(language):
            pages = PdfReader(BytesIO(render_pdf("pharmacy/labels.pdf.html", labels=written))).pages
    told = [normalize("NFKC", page.extract_text()) for page in pages]
    assert len(written) < len(pages) <= 2 * len(written)
    assert {tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:]) for page in pages} == {(62, 29)}
    for page in told:
        assert "120" in page
        assert lower.site.phone in page
    for label in written:
        named = normalize("NFKC", label.medicine)
        mine = " ".join(page for page in told if named in " ".join(page.split()))
        assert normalize("NFKC", label.second or label.words) in " ".join(mine.split()), named
        assert all(lot in mine for lot in label.lots[:3]), named


def test_what_does_not_fit_all_the_same_goes_onto_a_second_one_and_no_word_is_lost(app: Flask, bag: Bag) -> None:
    with app.test_request_context():
        row = longest()[0]
        endless = line({"inn": "endless " * 40 + "end", "strength": "", "form": "", "unit": "tablet"}, row.dose)
        written = write_label(endless, LOTS, bag, part=1, of=1, language="en")
        with in_language("en"):
            pages = PdfReader(BytesIO(render_pdf("pharmacy/labels.pdf.html", labels=[written, written]))).pages
    told = " ".join(page.extract_text() for page in pages)
    assert len(pages) == 4
    assert told.count("endless") == 80
    assert told.count(written.lots[2]) == 2
    assert written.lots[3:] == ("+2",)


def test_a_label_says_how_much_with_the_unit_where_it_is_measured(app: Flask, bag: Bag) -> None:
    def told(unit: DoseUnit, amount: str, language: str) -> set[tuple[str, str]]:
        dose = Dose(amount=Decimal(amount), unit=unit, times=tuple(TimeOfDay), days=7)
        row = line({"inn": "x", "strength": "", "form": "", "unit": ""}, dose)
        label: Label = write_label(row, LOTS, bag, part=1, of=1, language=language)
        return {(slot.figure, slot.unit) for slot in label.slots}

    with app.test_request_context():
        assert told(DoseUnit.TABLET, "1.5", "ar") == {("1½", "")}
        assert told(DoseUnit.ML, "7.5", "tr") == {("7,5", "mL")}
        assert told(DoseUnit.ML, "7.5", "ar") == {("7.5", "مل")}
