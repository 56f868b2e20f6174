"""Pregnancy as a dated fact, as tables."""

from datetime import date

import pytest

from clinic.chart.rules import Gestation, gestation


@pytest.mark.parametrize(
    ("lmp_on", "due_on", "on", "wanted"),
    [
        (date(2026, 3, 2), None, date(2026, 9, 14), Gestation(28, 0, date(2026, 12, 7))),
        (date(2026, 3, 2), None, date(2026, 3, 2), Gestation(0, 0, date(2026, 12, 7))),
        (date(2026, 3, 2), date(2026, 12, 14), date(2026, 9, 14), Gestation(27, 0, date(2026, 12, 14))),
        (None, date(2027, 1, 22), date(2026, 11, 24), Gestation(31, 4, date(2027, 1, 22))),
    ],
)
def test_a_pregnancy_is_reckoned_by_its_due_date_and_else_by_the_last_period(
    lmp_on: date | None, due_on: date | None, on: date, wanted: Gestation
) -> None:
    assert gestation(lmp_on=lmp_on, due_on=due_on, on=on) == wanted


def test_a_pregnancy_without_a_date_is_none() -> None:
    with pytest.raises(ValueError, match="last period"):
        gestation(lmp_on=None, due_on=None, on=date(2026, 11, 24))
