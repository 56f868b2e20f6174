from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.consultations import queries, services
from clinic.consultations.models import IcdCode, IcdWord, QuickPick
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.rows import UnreadableFile
from clinic.specialties.models import Specialty

pytestmark = pytest.mark.usefixtures("context")

DEMO = Path(__file__).parents[3] / "clinic" / "demo" / "icd.csv"
HEADING = "code,title_en,title_tr,title_ar,specialty,quick_pick,report_group,translation_status\n"


@pytest.fixture(autouse=True)
def specialties(context: Flask) -> None:
    with transaction() as session:
        session.add_all(
            Specialty(code=code, position=place, name_en=code, name_tr=code, name_ar=code)
            for place, code in enumerate(["GP", "PED", "GYN", "INT", "SUR"])
        )


def take_in(text: str | bytes, *, dry_run: bool = False) -> services.IcdImport:
    with transaction():
        return services.import_icd(
            BytesIO(text if isinstance(text, bytes) else (HEADING + text).encode()), dry_run=dry_run
        )


def refused(text: str) -> list[str]:
    with pytest.raises(UnreadableFile) as refusal:
        take_in(text)
    return [str(mistake) for mistake in refusal.value.mistakes]


def codes(words: str, language: str = "en", specialty: str = "") -> list[str]:
    return [hit.code for hit in queries.search_icd(words, language, specialty)]


# ---- import --------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_the_demo_list_comes_in_whole_and_a_second_time_changes_nothing() -> None:
    first, second = take_in(DEMO.read_bytes()), take_in(DEMO.read_bytes())
    assert (first.new, first.changed, first.unchanged) == (96, 0, 0)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 96)
    assert db.session.scalar(select(func.count()).select_from(IcdCode)) == 96
    assert db.session.scalar(select(func.count()).select_from(QuickPick)) == first.quick_picks == 30


def test_a_dry_run_says_what_would_be_done_and_does_nothing() -> None:
    with db.engine.connect():  # no transaction() is needed either
        report = services.import_icd(BytesIO(DEMO.read_bytes()), dry_run=True)
    assert report.new == 96
    assert db.session.scalar(select(func.count()).select_from(IcdCode)) == 0


def test_a_changed_title_is_found_by_its_new_words_and_no_more_by_its_old() -> None:
    take_in("J00,Common cold,,,GP,1,ARI,\nI10,Essential hypertension,,,GP,0,,\n")
    report = take_in("J00,Acute nasopharyngitis,,,GP,0,ARI,\n")
    assert (report.new, report.changed, report.unchanged, report.quick_picks) == (0, 1, 0, 0)
    assert codes("nasoph") == ["J00"]
    assert codes("cold") == []
    assert codes("hypertension") == ["I10"]
    assert queries.list_picks("GP", "en") == ([], {})


def test_one_wrong_row_keeps_the_whole_list_out_and_each_wrong_cell_is_named() -> None:
    said = refused("J00,Common cold,,,GP,1,ARI,\nJ2,,,,GP,maybe,,\nJ00,Cold again,,,PEX,1,,\n")
    assert said == [
        "row 3, code: J2 is no ICD-10 code; write it as J02.9",
        "row 3, title_en: a value is needed here",
        "row 3, quick_pick: write 1 for a quick pick, else 0",
    ]
    assert refused("J00,Common cold,,,GP,1,ARI,\nJ00,Cold again,,,GP; PEX,1,,\n") == [
        "row 2, code: J00 stands in more than one row",
        "row 3, code: J00 stands in more than one row",
        "row 3, specialty: no such specialty here: PEX",
    ]
    assert db.session.scalar(select(func.count()).select_from(IcdWord)) == 0


def test_an_import_is_on_record() -> None:
    take_in("J00,Common cold,,,GP,1,ARI,\n")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.act == "IMPORT")).one()
    assert (event.table_name, event.detail) == ("icd_code", {"new": 1, "changed": 0, "quick_picks": 1})


# ---- search --------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("J02.9", "J02.9"),
        ("j029", "J02.9"),
        ("J٠٢", "J02.9"),
        ("pharyn acute", "J02.9"),
        ("FARENJİT", "J02.9"),
        ("farenjıt", "J02.9"),
        ("akut farenj", "J02.9"),
        ("التهاب البلعوم", "J02.9"),
        ("بلعوم", "J02.9"),
        ("الْتِهَابُ البُلعوم", "J02.9"),
        ("soguk alginligi", "J00"),
        ("الزكام", "J00"),
        ("زكام", "J00"),
        ("hypertens", "I10"),
        ("diabet", "E11.9"),
    ],
)
def test_a_diagnosis_is_found_by_code_and_by_words_of_three_languages(words: str, code: str) -> None:
    take_in(DEMO.read_bytes())
    for language in ("en", "tr", "ar"):
        assert code in codes(words, language)


@pytest.mark.parametrize("words", ["", " ", "a", "-", "xyzzy", "pharyn xyzzy", "%", "_", "'; DROP TABLE icd_code; --"])
def test_what_is_not_there_finds_nothing(words: str) -> None:
    take_in(DEMO.read_bytes())
    assert codes(words) == []


def test_titles_come_in_the_readers_language_and_in_english_where_that_is_missing() -> None:
    take_in("J00,Common cold,Nezle,,GP,1,ARI,\n")
    assert [queries.search_icd("cold", language)[0].title for language in ("en", "tr", "ar")] == [
        "Common cold",
        "Nezle",
        "Common cold",
    ]
    assert queries.list_titles(["J00", "Z99"], "tr") == {"J00": "Nezle"}
    assert queries.list_titles([], "tr") == {}


def test_what_a_specialty_makes_often_comes_first() -> None:
    take_in("J06.9,Acute illness,,,GP;PED,0,,\nJ01.9,Acute sinusitis,,,GP,1,,\nJ03.9,Acute tonsillitis,,,PED,1,,\n")
    assert codes("acute", specialty="GP") == ["J01.9", "J06.9", "J03.9"]
    assert codes("acute", specialty="PED") == ["J03.9", "J06.9", "J01.9"]


def test_a_specialty_has_at_most_eight_picks_at_hand_in_the_order_of_the_list() -> None:
    take_in("".join(f"A0{n},Sickness {n},,,GP,1,,\n" for n in (9, 1, 2, 3, 4, 5, 6, 7, 8)))
    picks, titles = queries.list_picks("GP", "en")
    assert [pick.code for pick in picks] == ["A09", "A01", "A02", "A03", "A04", "A05", "A06", "A07"]
    assert titles == {}
    assert queries.list_picks("SUR", "en") == ([], {})


def test_what_is_chosen_is_not_offered_again_and_has_its_title() -> None:
    take_in("J00,Cold,Nezle,,GP,1,,\nJ01,Sinusitis,,,GP,1,,\nI10,Hypertension,,,INT,1,,\n")
    picks, titles = queries.list_picks("GP", "tr", chosen=["J00", "I10", "Z99"])
    assert [pick.code for pick in picks] == ["J01"]
    assert titles == {"J00": "Nezle", "I10": "Hypertension"}


@pytest.mark.postgres
def test_search_walks_the_index_of_words() -> None:
    take_in(DEMO.read_bytes())
    statement = select(IcdWord.code).where(IcdWord.word >= "ac", IcdWord.word < "ad")
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    if db.engine.dialect.name == "postgresql":
        db.session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    text = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = " ".join(str(row) for row in db.session.connection().exec_driver_sql(explain + text.replace("%", "%%")))
    assert "INDEX" in plan.upper()
