from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clinic.chart.rules import AllergyGroup
from clinic.kernel.audit import AuditEvent
from clinic.kernel.db import db, transaction
from clinic.kernel.rows import UnreadableFile
from clinic.pharmacy.models import FormularyEntry
from clinic.pharmacy.services import FormularyImport, import_formulary
from inventory.stock.models import Item, ItemPack
from inventory.stock.queries.items import search_items

pytestmark = pytest.mark.usefixtures("context")

DEMO = Path(__file__).parents[3] / "clinic" / "demo" / "formulary.csv"
HEADING = "code,inn,atc_code,form,strength,mg_num,per_ml,perishable,route,unit,pack_size,paed_mg_kg_day_min,"
HEADING += "paed_mg_kg_day_max,allergy_group,ven\n"
AMOXICILLIN = "AMX500,amoxicillin,J01CA04,capsule,500 mg,500,,yes,oral,capsule,16,40,90,penicillin,\n"


def take_in(text: str | bytes, *, dry_run: bool = False) -> FormularyImport:
    with transaction():
        return import_formulary(
            BytesIO(text if isinstance(text, bytes) else (HEADING + text).encode()), dry_run=dry_run
        )


def refused(text: str) -> list[str]:
    with pytest.raises(UnreadableFile) as refusal:
        take_in(text)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Item)) == 0
    return [str(mistake) for mistake in refusal.value.mistakes]


def entry_of(code: str) -> FormularyEntry:
    return db.session.scalars(
        select(FormularyEntry).join(Item, Item.id == FormularyEntry.item_id).where(Item.code == code)
    ).one()


@pytest.mark.postgres
def test_the_demo_list_comes_in_whole_and_a_second_time_changes_nothing() -> None:
    first, second = take_in(DEMO.read_bytes()), take_in(DEMO.read_bytes())
    assert first == FormularyImport(new=95, changed=0, unchanged=0)
    assert second == FormularyImport(new=0, changed=0, unchanged=95)
    assert db.session.scalar(select(func.count()).select_from(FormularyEntry)) == 95
    syrup = entry_of("AMXSYR")
    assert (syrup.mg, syrup.per_ml, syrup.pack_ml) == (Decimal(250), Decimal(5), Decimal(100))
    assert (syrup.allergy_group, syrup.max_mg_day) == (AllergyGroup.PENICILLIN, Decimal(3000))
    assert entry_of("FUR40").allergy_group is AllergyGroup.SULFONAMIDE_NON_ANTIBIOTIC
    boxes = select(ItemPack.factor).join(Item, Item.id == ItemPack.item_id)
    assert db.session.scalars(boxes.where(Item.code == "PARA500")).all() == [20]
    assert db.session.scalars(boxes.where(Item.code == "AMXSYR")).all() == []


def test_what_the_list_does_not_say_is_confirmed_by_nobody() -> None:
    take_in(DEMO.read_bytes())
    entry = entry_of("AMXSYR")
    assert (entry.in_use_days, entry.is_divisible, entry.is_controlled, entry.ven) == (None, False, False, "")
    assert not any(db.session.scalars(select(FormularyEntry.is_confirmed)))


def test_a_changed_row_is_no_longer_confirmed_and_the_others_stay_so() -> None:
    take_in(AMOXICILLIN + "PARA500,paracetamol,N02BE01,tablet,500 mg,500,,yes,oral,tablet,20,40,60,,\n")
    with transaction() as session:
        for code in ("AMX500", "PARA500"):
            entry_of(code).is_confirmed = True
        session.flush()
    report = take_in(
        AMOXICILLIN.replace("40,90", "40,80") + "ZINC,zinc sulfate,A12CB01,tablet,20 mg,20,,yes,oral,tablet,10,,,,V\n"
    )
    assert report == FormularyImport(new=1, changed=1, unchanged=0)
    assert (entry_of("AMX500").is_confirmed, entry_of("PARA500").is_confirmed) == (False, True)
    assert entry_of("AMX500").mg_kg_day_max == Decimal(80)
    assert entry_of("ZINC").ven == "V"


def test_a_dry_run_says_what_would_be_done_and_does_nothing() -> None:
    assert import_formulary(BytesIO(DEMO.read_bytes()), dry_run=True).new == 95
    assert db.session.scalar(select(func.count()).select_from(Item)) == 0


def test_one_wrong_row_keeps_the_whole_list_out_and_each_wrong_cell_is_named() -> None:
    said = refused(
        AMOXICILLIN
        + 'amx,,J01,capsule,500 mg,"1.234,5",,perhaps,oral,capsule,0,90,40,penicilin,X\n'
        + AMOXICILLIN
        + "FUR40,furosemide,C03CA01,tablet,40 mg,220.000,,yes,oral,tablet,12,2,1,,\n"
    )
    assert said == [
        "row 3, code: amx is no code: capitals and digits alone",
        "row 3, inn: a value is needed here",
        "row 3, atc_code: J01 is no ATC code",
        "row 3, mg_num: 1.234,5 is not a number. Write it as 14.2.",
        "row 3, perishable: write yes or no",
        "row 3, pack_size: 0 is not from 1 to 100000",
        "row 3, allergy_group: penicilin is no allergy group known here; known are " + said[6].split("known are ")[1],
        "row 3, ven: write V, E or N",
        "row 5, mg_num: 220.000 can be read in two ways. Write no thousands sign, and at most 2 decimals.",
    ]


def test_a_range_that_is_upside_down_and_a_code_that_stands_twice_are_named() -> None:
    assert refused(AMOXICILLIN + AMOXICILLIN) == [
        "row 2, code: AMX500 stands in more than one row",
        "row 3, code: AMX500 stands in more than one row",
    ]
    assert refused(AMOXICILLIN.replace("40,90", "90,40")) == ["row 2, paed_mg_kg_day_min: 90 is above 40"]
    assert refused(AMOXICILLIN.replace("40,90", "40,")) == [
        "row 2, paed_mg_kg_day_min: the other end of the range is missing"
    ]


def test_the_progress_is_told_row_by_row_and_the_import_is_on_record() -> None:
    told: list[tuple[int, int]] = []
    with transaction():
        import_formulary(BytesIO(DEMO.read_bytes()), progress=lambda done, of: told.append((done, of)))
    assert (told[0], told[-1], len(told)) == ((1, 95), (95, 95), 95)
    assert db.session.scalars(select(AuditEvent.detail).where(AuditEvent.act == "IMPORT")).all() == [
        {"new": 95, "changed": 0}
    ]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("amox 500 cap", "AMX500"),
        ("AMOKSİSİLİN 500", "AMX500"),
        ("أموكسيسيلين", "AMX500"),
        ("amoks", "AMX500"),
        ("siprofloksasin", "CIP500"),
        ("باراسيتامول", "PARA500"),
        ("J01CA04", "AMX500"),
        ("amxsyr", "AMXSYR"),
        ("hidroklorotiyazid", "HCT25"),
    ],
)
def test_a_medicine_is_found_as_it_is_written_and_as_it_sounds_in_three_languages(words: str, code: str) -> None:
    take_in(DEMO.read_bytes())
    assert code in [item.code for item in search_items(words)]
    assert search_items("qqqq") == search_items("") == search_items("%") == []
