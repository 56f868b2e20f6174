import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import Sought, SoughtBy, read_search

NUMBER, PHONE, RECORD, NAME = SoughtBy.NUMBER, SoughtBy.PHONE, SoughtBy.RECORD, SoughtBy.NAME


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("P-001 207", [(RECORD, "1207")]),
        ("p1207", [(RECORD, "1207")]),
        ("1207", [(NUMBER, "1207"), (PHONE, "1207"), (RECORD, "1207")]),
        ("22 85", [(NUMBER, "2285"), (NUMBER, "22 85"), (PHONE, "2285"), (RECORD, "2285")]),
        ("001207", [(NUMBER, "001207"), (PHONE, "1207"), (RECORD, "1207")]),
        ("285", [(NUMBER, "285"), (RECORD, "285")]),
        ("0", [(NUMBER, "0"), (RECORD, "0")]),
        ("99123456740", [(NUMBER, "99123456740"), (PHONE, "99123456740")]),
        ("99١٢٣٤٥٦٧٤٠", [(NUMBER, "99123456740"), (PHONE, "99123456740")]),
        ("0541 000 22 85", [(NUMBER, "05410002285"), (NUMBER, "0541 000 22 85"), (PHONE, "5410002285")]),
        ("٠٥٤١ ٠٠٠ ٢٢ ٨٥", [(NUMBER, "05410002285"), (NUMBER, "0541 000 22 85"), (PHONE, "5410002285")]),
        (
            "(0212) 000-10-10",
            [(NUMBER, "02120001010"), (NUMBER, "(0212)000-10-10"), (NUMBER, "(0212) 000-10-10"), (PHONE, "2120001010")],
        ),
        ("5410002285", [(NUMBER, "5410002285"), (PHONE, "5410002285")]),
        ("+90 541 000 22 85", [(PHONE, "5410002285")]),
        ("0090 5410002285", [(NUMBER, "00905410002285"), (NUMBER, "0090 5410002285"), (PHONE, "5410002285")]),
        ("+963 944 123 456", [(PHONE, "963944123456")]),
        ("00963944123456", [(NUMBER, "00963944123456"), (PHONE, "963944123456")]),
        ("n 012345678", [(NUMBER, "N012345678"), (NUMBER, "n 012345678")]),
        ("P12345678", [(NUMBER, "P12345678")]),
        ("699-00C12345", [(NUMBER, "69900C12345"), (NUMBER, "699-00C12345")]),
        (" hariri  mohamed", [(NAME, "hariri mohamed")]),
        ("محمد الحريري", [(NAME, "محمد الحريري")]),
        ("Ali 2", [(NUMBER, "ALI2"), (NUMBER, "Ali 2"), (NAME, "Ali 2")]),
        ("+", [(NAME, "+")]),
        ("", [(NAME, "")]),
    ],
)
def test_one_box_tells_numbers_phones_and_names_apart(typed: str, sought: list[tuple[SoughtBy, str]]) -> None:
    assert read_search(typed) == tuple(Sought(by, value) for by, value in sought)


def test_a_plus_alone_before_nothing_is_sought_as_it_stands() -> None:
    assert read_search("+0") == (Sought(SoughtBy.NAME, "+0"),)


@given(st.text(max_size=20))
def test_whatever_is_typed_something_is_sought(text: str) -> None:
    assert read_search(text)
