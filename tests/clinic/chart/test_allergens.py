import pytest

from clinic.chart.rules import AllergyGroup, group_of, is_kin, names_same


@pytest.mark.parametrize(
    ("told", "group"),
    [
        ("penicillin (class)", "PENICILLIN"),
        ("Penisilin iğnesi", "PENICILLIN"),
        ("بنسلين", "PENICILLIN"),
        ("البنسلين", "PENICILLIN"),
        ("حساسية من أموكسيسيلين", "PENICILLIN"),
        ("Augmentin", "PENICILLIN"),
        ("sefaleksin", "CEPHALOSPORIN"),
        ("Co-trimoxazole", "SULFONAMIDE"),
        ("Baktrim", "SULFONAMIDE"),
        ("سلفا", "SULFONAMIDE"),
        ("furosemide", "SULFONAMIDE_NON_ANTIBIOTIC"),
        ("sulfonylurea", "SULFONYLUREA"),
        ("الأسبرين", "NSAID"),
        ("İbuprofen", "NSAID"),
        ("fındık", "NUT"),
        ("iyot", "IODINE"),
        ("ferrous sulfate", None),
        ("سلفات الحديد", None),
        ("sulfit", None),
        ("iron sulfate, and sulfa too", "SULFONAMIDE"),
        ("dust", None),
        ("", None),
        ("غبار", None),
    ],
)
def test_what_people_tell_is_matched_with_its_group_in_three_languages(told: str, group: str | None) -> None:
    assert group_of(told) == (AllergyGroup(group) if group else None)


def test_kin_groups_ask_for_caution_either_way() -> None:
    assert is_kin(AllergyGroup.PENICILLIN, AllergyGroup.CEPHALOSPORIN)
    assert is_kin(AllergyGroup.CEPHALOSPORIN, AllergyGroup.PENICILLIN)
    assert not is_kin(AllergyGroup.PENICILLIN, AllergyGroup.PENICILLIN)
    assert not is_kin(AllergyGroup.PENICILLIN, AllergyGroup.NSAID)


@pytest.mark.parametrize(
    ("told", "inn", "is_same"),
    [
        ("Paracetamol syrup", "paracetamol", True),
        ("clavulanic acid", "amoxicillin + clavulanic acid", True),
        ("zinc", "zinc sulfate", True),
        ("adrenaline", "epinephrine (adrenaline)", True),
        ("epinephrine", "epinephrine(adrenaline)", True),
        ("clavulanic", "amoxicillin+clavulanic acid", True),
        ("acetylsalicylic acid", "folic acid", False),
        ("iron sulfate", "magnesium sulfate", False),
        ("sodium", "sodium chloride", False),
        ("folic acid", "folic acid", True),
        ("ORS", "ORS", False),
        ("dust", "paracetamol", False),
        ("", "paracetamol", False),
    ],
)
def test_a_medicine_is_known_by_its_name_or_by_one_of_its_parts(told: str, inn: str, *, is_same: bool) -> None:
    assert names_same(told, inn) is is_same
