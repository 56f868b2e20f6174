from io import BytesIO

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.rows import UnreadableFile
from clinic.lab.models import LabRange, LabTest
from clinic.lab.services import CatalogueImport, import_tests
from tests.clinic.consultations.evening import Clinic
from tests.clinic.lab.bench import LIST, examined, number, send

HEADING = "code,name_en,name_tr,name_ar,unit_ucum,specimen,kind,tat_target_min,sex,age_min_days,ref_low,ref_high\n"
HAEMOGLOBIN = "HGB,Haemoglobin,Hemoglobin,خضاب الدم,g/dL,Blood (EDTA),quant,30,F,5479,12.0,16.0\n"


def take_in(text: str | bytes, *, dry_run: bool = False) -> CatalogueImport:
    content = text if isinstance(text, bytes) else (HEADING + text).encode()
    with transaction():
        return import_tests(BytesIO(content), dry_run=dry_run)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.usefixtures("context")
def test_the_demos_list_comes_in_twice_and_stands_once() -> None:
    first, again = take_in(LIST.read_bytes()), take_in(LIST.read_bytes())
    assert (first.ranges, again.new) == (74, 0)
    assert (count(LabTest), count(LabRange)) == (first.tests, 74)
    places = {test.code: test.places for test in db.session.scalars(select(LabTest))}
    assert (places["USG"], places["BHCG"], places["POT"]) == (3, 2, 2)


@pytest.mark.usefixtures("context")
def test_a_dry_run_writes_nothing() -> None:
    assert take_in(HAEMOGLOBIN, dry_run=True) == CatalogueImport(tests=1, ranges=1, new=1)
    assert count(LabTest) == 0


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (HAEMOGLOBIN.replace("12.0,16.0", "16.0,12.0"), "row 2, ref_high: must be above ref_low, which is 16.0"),
        (HAEMOGLOBIN.replace("12.0,16.0", "1.250,16.0"), "row 2, ref_low: 1.250 can be read in two ways"),
        (HAEMOGLOBIN + HAEMOGLOBIN.replace("5479", "6000"), "row 3, age_min_days: holds at an age at which row 2"),
        (HAEMOGLOBIN.replace("Blood (EDTA)", "Hair"), "row 2, specimen: write one of:"),
        (HAEMOGLOBIN.replace("quant", "guess"), "row 2, kind: write one of:"),
        (HAEMOGLOBIN + HAEMOGLOBIN.replace("g/dL", "g/L"), "row 3, unit_ucum: differs from row 2"),
        (HAEMOGLOBIN + HAEMOGLOBIN.replace("HGB", "HCT") + HAEMOGLOBIN, "row 4, code: the rows of HGB must stand"),
        (HAEMOGLOBIN.replace("خضاب الدم", ""), "row 2, name_ar"),
    ],
)
def test_a_list_that_is_wrong_anywhere_is_refused_whole_with_row_and_column(text: str, mistake: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        take_in(text)
    assert str(refusal.value.mistakes[0]).startswith(mistake)
    db.session.rollback()
    assert count(LabTest) == 0


@pytest.mark.usefixtures("context")
def test_ranges_of_each_sex_and_of_ages_that_follow_one_another_do_not_overlap() -> None:
    others = [HAEMOGLOBIN.replace(",F,", f",{sex},") for sex in ("M", "any")]
    assert take_in(HAEMOGLOBIN + "".join(others)).ranges == 3


@pytest.mark.usefixtures("context")
def test_a_test_with_results_is_not_answered_in_another_way_from_now_on(clinic: Clinic, technician: Scope) -> None:
    words = HAEMOGLOBIN.replace("quant", "nominal")
    _, order = send(clinic, "HGB")
    take_in(words)
    take_in(HAEMOGLOBIN)
    examined(technician, order, HGB=number("11"))
    with pytest.raises(UnreadableFile) as refusal:
        take_in(words)
    assert str(refusal.value.mistakes[0]).startswith("row 2, kind: results of HGB stand")


def test_the_command_says_what_it_did(app: Flask) -> None:
    done: Result = app.test_cli_runner().invoke(args=["clinic", "import", "tests", str(LIST), "--dry-run"])
    assert (done.exit_code, done.output) == (0, "Checked, nothing written: 52 tests with 74 ranges, 52 new.\n")
