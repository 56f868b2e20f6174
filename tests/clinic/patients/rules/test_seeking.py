import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import Sought, SoughtBy, UnusableNumber, read_search


@pytest.mark.parametrize(
    ("typed", "by", "value"),
    [
        ("P-001 207", SoughtBy.RECORD, "1207"),
        ("1207", SoughtBy.RECORD, "1207"),
        ("001207", SoughtBy.RECORD, "1207"),
        ("0", SoughtBy.RECORD, "0"),
        ("99123456740", SoughtBy.NUMBER, "99123456740"),
        ("99١٢٣٤٥٦٧٤٠", SoughtBy.NUMBER, "99123456740"),
        ("50000000000", SoughtBy.NUMBER, "50000000000"),
        ("0541 000 22 85", SoughtBy.PHONE, "+905410002285"),
        ("(0212) 000-10-10", SoughtBy.PHONE, "+902120001010"),
        ("5410002285", SoughtBy.PHONE, "+905410002285"),
        ("+963 944 123 456", SoughtBy.PHONE, "+963944123456"),
        ("n 012345678", SoughtBy.NUMBER, "N012345678"),
        ("P12345678", SoughtBy.NUMBER, "P12345678"),
        (" hariri  mohamed", SoughtBy.NAME, "hariri mohamed"),
        ("محمد الحريري", SoughtBy.NAME, "محمد الحريري"),
        ("Ali 2", SoughtBy.NAME, "Ali 2"),
        ("", SoughtBy.NAME, ""),
    ],
)
def test_one_box_tells_numbers_phones_and_names_apart(typed: str, by: SoughtBy, value: str) -> None:
    assert read_search(typed) == Sought(by, value)


@pytest.mark.parametrize("typed", ["9912345674", "1234567", "0541 000 2"])
def test_a_number_cut_short_is_refused(typed: str) -> None:
    with pytest.raises(UnusableNumber):
        read_search(typed)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_sought_or_refused(text: str) -> None:
    try:
        sought = read_search(text)
    except UnusableNumber:
        return
    assert sought.by in SoughtBy
