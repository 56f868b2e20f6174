import csv
from pathlib import Path

import pytest

from clinic.pharmacy.rules import Weight, caution_weight

STOP, ASK, NOTE = Weight
FORMULARY = Path(__file__).parents[3] / "clinic" / "demo" / "formulary.csv"


@pytest.mark.parametrize(
    ("caution", "weeks", "weight"),
    [
        ("", 20, None),
        ("compatible", 20, None),
        ("Compatible, short term", None, None),
        ("recommended in ANC", 20, None),
        ("used in pregnancy hypertension", 20, None),
        ("continue; dose may rise", 20, NOTE),
        ("give if indicated", 20, None),
        ("eclampsia loading dose before referral", 30, None),
        ("CONTRAINDICATED", 5, STOP),
        ("not used in pregnancy", 5, STOP),
        ("stop in pregnancy", 5, STOP),
        ("avoid", 5, ASK),
        ("specialist only", 5, ASK),
        ("words of another list", 5, ASK),
        ("use if benefit outweighs risk", 5, NOTE),
        ("avoid high single dose; usable if needed", 5, ASK),
        ("avoid from 20 weeks; contraindicated 3rd trimester", 19, None),
        ("avoid from 20 weeks; contraindicated 3rd trimester", 20, ASK),
        ("avoid from 20 weeks; contraindicated 3rd trimester", 27, ASK),
        ("avoid from 20 weeks; contraindicated 3rd trimester", 28, STOP),
        ("avoid from 20 weeks; contraindicated 3rd trimester", None, STOP),
        ("avoid 1st trimester and near term", 13, ASK),
        ("avoid 1st trimester and near term", 14, None),
        ("avoid 1st trimester and near term", 35, None),
        ("avoid 1st trimester and near term", 36, ASK),
        ("avoid 1st trimester", 0, ASK),
        ("avoid (2nd-3rd trimester)", 13, None),
        ("avoid (2nd-3rd trimester)", 14, ASK),
        ("avoid (2nd-3rd trimester)", 40, ASK),
        ("avoid 3rd trimester", 27, None),
        ("avoid 3rd trimester", 42, ASK),
        ("avoid at term (>=36-38 weeks) and in G6PD deficiency", 35, None),
        ("avoid at term (>=36-38 weeks) and in G6PD deficiency", 36, ASK),
        (" ; avoid ;", 5, ASK),
    ],
)
def test_a_caution_weighs_by_its_words_and_by_the_week(caution: str, weeks: int | None, weight: Weight | None) -> None:
    assert caution_weight(caution, weeks) is weight


def test_what_is_given_to_pregnant_women_raises_no_alert() -> None:
    rows = {row["code"]: row["pregnancy_caution"] for row in csv.DictReader(FORMULARY.read_text("utf-8").splitlines())}
    assert {code: caution_weight(rows[code], 20) for code in ("FEFOL", "FOL04", "CALC500", "MDP250", "INSNPH")} == {
        "FEFOL": None,
        "FOL04": None,
        "CALC500": None,
        "MDP250": None,
        "INSNPH": None,
    }
    assert caution_weight(rows["ENA10"], 34) is caution_weight(rows["LOS50"], 34) is STOP
