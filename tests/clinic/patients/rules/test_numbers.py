import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.patients.rules import (
    DoubtfulNumber,
    IdentifierSystem,
    UnusableNumber,
    asks_for_new_number,
    ensure_explained,
    masked,
    masked_phone,
    read_identifier,
    read_phone,
    read_record_number,
    reversed_phone,
    shown_phone,
    written_record_number,
)

YKN, OLD, TCKN, PASSPORT, UNHCR, OTHER = IdentifierSystem


@pytest.mark.parametrize(
    ("typed", "system", "kept", "value", "doubts"),
    [
        ("99123456740", None, YKN, "99123456740", []),
        ("99876543292", YKN, YKN, "99876543292", []),
        ("99١٢٣٤٥٦٧٤٠", None, YKN, "99123456740", []),
        (" 991 234-567.40/", TCKN, YKN, "99123456740", []),
        ("99123456741", YKN, YKN, "99123456741", ["CHECK_DIGIT"]),
        ("98123456750", YKN, OLD, "98123456750", ["OLD_NUMBER"]),
        ("98123456751", None, OLD, "98123456751", ["CHECK_DIGIT", "OLD_NUMBER"]),
        ("10000000146", None, TCKN, "10000000146", []),
        ("n 012-345/678", PASSPORT, PASSPORT, "N012-345678", []),
        ("ABCD", PASSPORT, PASSPORT, "ABCD", []),
        ("A" * 20, PASSPORT, PASSPORT, "A" * 20, []),
        ("385-12c00001", UNHCR, UNHCR, "385-12C00001", []),
        ("  Aile cüzdanı  7 ", OTHER, OTHER, "Aile cüzdanı 7", []),
        ("7", OTHER, OTHER, "7", []),
        ("x" * 40, OTHER, OTHER, "x" * 40, []),
    ],
)
def test_a_number_is_kept_in_one_form_and_doubted_in_words(
    typed: str, system: IdentifierSystem | None, kept: IdentifierSystem, value: str, doubts: list[str]
) -> None:
    found = read_identifier(typed, system)
    assert (found.system, found.value) == (kept, value)
    assert [doubt.code for doubt in found.doubts] == doubts


def test_doubts_are_sentences_that_ask() -> None:
    assert [doubt.message for doubt in read_identifier("98123456751").doubts] == [
        "The last two digits do not fit the others. Look at the card again.",
        "This is an old number. Ask whether there is a new one that begins with 99.",
    ]


@pytest.mark.parametrize(
    ("typed", "system", "sentence"),
    [
        (
            "9912345674",
            YKN,
            "10 digits. The number on the card has 11. Add the missing one, or leave it empty and add it later.",
        ),
        (
            "991234567",
            None,
            "9 digits. The number on the card has 11. Look again, or leave it empty and add it later.",
        ),
        (
            "991234567400",
            None,
            "12 digits. The number on the card has 11. Look again, or leave it empty and add it later.",
        ),
        ("9912345674O", None, "This number has digits only. If it is a passport, choose passport."),
        ("9912345674²", None, "This number has digits only. If it is a passport, choose passport."),
        ("01234567890", None, "No identity number begins with 0. Look at the card again."),
        (" - ", None, "Write the number, or leave it empty and add it later."),
        ("ABC", PASSPORT, "Write the number as printed: 4 to 20 letters A to Z and digits."),
        ("A" * 21, PASSPORT, "Write the number as printed: 4 to 20 letters A to Z and digits."),
        ("Ş1234", UNHCR, "Write the number as printed: 4 to 20 letters A to Z and digits."),
        ("", OTHER, "Write the number in at most 40 letters and digits."),
        ("x" * 41, OTHER, "Write the number in at most 40 letters and digits."),
    ],
)
def test_a_number_that_cannot_be_is_refused_in_words(
    typed: str, system: IdentifierSystem | None, sentence: str
) -> None:
    with pytest.raises(UnusableNumber) as refusal:
        read_identifier(typed, system)
    assert str(refusal.value) == sentence
    assert refusal.value.field == "identifier"


@given(st.integers(10**10, 10**11 - 1))
def test_any_eleven_digits_are_accepted_whatever_their_check_digit(number: int) -> None:
    assert read_identifier(str(number)).value == str(number)


@pytest.mark.parametrize(
    ("held", "asks"),
    [([OLD], True), ([OLD, PASSPORT], True), ([OLD, YKN], False), ([YKN], False), ([], False)],
)
def test_an_old_number_alone_asks_for_the_new_one(held: list[IdentifierSystem], *, asks: bool) -> None:
    assert asks_for_new_number(held) is asks


@pytest.mark.parametrize(
    ("value", "shown"),
    [("99123456740", "99••• 6740"), ("N0123456", "N0••• 3456"), ("N012345", "•••"), ("", "•••")],
)
def test_lists_show_a_number_by_its_ends(value: str, shown: str) -> None:
    assert masked(value) == shown


@pytest.mark.parametrize(
    ("typed", "value", "shown", "hidden"),
    [
        ("0541 000 22 85", "+905410002285", "0541 000 22 85", "0541 ••• 22 85"),
        ("٠٥٤١٠٠٠٢٢٨٥", "+905410002285", "0541 000 22 85", "0541 ••• 22 85"),
        ("541-000-22-85", "+905410002285", "0541 000 22 85", "0541 ••• 22 85"),
        ("+963 944 123 456", "+963944123456", "+963 944 123 456", "+963 ••• 123 456"),
        ("00963944123456", "+963944123456", "+963 944 123 456", "+963 ••• 123 456"),
        ("0212 000 10 10", "+902120001010", "(0212) 000 10 10", "(0212) ••• 10 10"),
    ],
)
def test_a_phone_is_kept_in_one_form_and_shown_as_dialled(typed: str, value: str, shown: str, hidden: str) -> None:
    phone = read_phone(typed)
    assert (phone.value, phone.doubts) == (value, ())
    assert (shown_phone(phone.value), masked_phone(phone.value)) == (shown, hidden)


def test_a_phone_that_is_not_in_use_is_doubted() -> None:
    phone = read_phone("0199 000 22 85")
    assert phone.value == "+901990002285"
    assert [(d.code, d.message) for d in phone.doubts] == [
        ("UNUSUAL_PHONE", "No such number is in use. Read it out once more.")
    ]


@pytest.mark.parametrize("typed", ["", "abc", "123", "0541 000 22", "0541 000 22 85 99 99 99"])
def test_what_cannot_be_dialled_is_refused(typed: str) -> None:
    with pytest.raises(UnusableNumber) as refusal:
        read_phone(typed)
    assert str(refusal.value) == "That cannot be dialled. Write it as 0541 000 22 85, or with + and the country."
    assert refusal.value.field == "phone"


@pytest.mark.parametrize(
    ("number", "written"), [(1, "P-000 001"), (1207, "P-001 207"), (999_999, "P-999 999"), (1_000_000, "P-1000 000")]
)
def test_a_record_number_is_written_in_two_groups(number: int, written: str) -> None:
    assert written_record_number(number) == written


@pytest.mark.parametrize(
    ("typed", "number"),
    [("P-001 207", 1207), ("p1207", 1207), ("P ٠٠١ ٢٠٧", 1207), ("1207", None), ("PA1207", None), ("P1234567", None)],
)
def test_a_record_number_is_read_however_spaced(typed: str, number: int | None) -> None:
    assert read_record_number(typed) == number


@given(st.integers(1, 999_999))
def test_a_written_record_number_reads_back(number: int) -> None:
    assert read_record_number(written_record_number(number)) == number


def test_a_doubted_check_digit_needs_a_word_of_why() -> None:
    ensure_explained(read_identifier("99123456740"), "")
    ensure_explained(read_identifier("98123456750"), "")
    ensure_explained(read_identifier("99123456741"), "so on the card")
    with pytest.raises(DoubtfulNumber) as refusal:
        ensure_explained(read_identifier("99123456741"), "")
    assert str(refusal.value) == "The last two digits do not fit the others. Look at the card again."
    assert refusal.value.field == "identifier"


def test_a_phone_is_sought_from_its_end() -> None:
    assert reversed_phone("+905410002285") == "582200014509"
    assert reversed_phone("2285") == "5822"
