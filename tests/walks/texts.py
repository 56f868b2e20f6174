"""What people, machines and the ill-meaning type into a field."""

from hypothesis import strategies as st

from tests.walks.markup import Control, Kind

# an element or attribute of this name on a page was made of what somebody typed
MARK = "walked"

NASTY = (
    "",
    " \t ",
    "محمد الحريري",
    "İIıi ğüşöç ÇĞ",
    "👩‍⚕️💊🇸🇾",
    "\u202eevil\u202c \u2066x\u2069 \u200f",
    "a\0b",
    f"<{MARK}>",
    f"\"><{MARK} x='",
    f"' {MARK}=1 x=\" {MARK}=1 ",
    "{{ 7919 * 7907 }} %(x)s %s {x}",
    "'; DROP TABLE patient; --",
    "line one\nline two\r\nline three",
    "x" * 10_000,
    "١٢٣٫٥",
    "۱۲۳",
    "123",
    "38,5",
    "220.000",
    "-1",
    "0",
    "9" * 30,
    "1e309",
    "NaN",
    "31.02.2015",
    "24.11.2026",
    "1.1.0001",
    "31.12.9999",
    "25:61",
    "../../etc/passwd",
    "\u2028\ufeff\x85\x1b[31m",
    "no-such-key-anywhere00",
)

UNASKED = {
    "id": "987654321",
    "key": "unasked-for-walk",
    "site_id": "987654321",
    "organisation_id": "987654321",
    "patient_id": "987654321",
    "role": "ADMINISTRATOR",
    "username": "unasked-for-walk",
    "password_hash": "unasked-for-walk",
    "recorded_by_id": "987654321",
    "note": "unasked-for-walk",
    "lines-7-item": "unasked-for-walk",
}
UNASKED_MARKS = (987654321, "987654321", "unasked-for-walk")

_anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def answers(controls: tuple[Control, ...]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Return what may be sent of a form: each name with no value, one, or two."""
    return st.fixed_dictionaries({control.name: _answer(control) for control in controls})


def _answer(control: Control) -> st.SearchStrategy[list[str]]:
    sound = [control.value] if control.value is not None else []
    one = st.one_of(
        st.sampled_from([*sound, *control.offered] or [""]),
        st.sampled_from(NASTY),
        *([_anything] if control.kind is not Kind.OFFERED else []),
    )
    return st.one_of(
        one.map(lambda value: [value]), one.map(lambda value: [value]), st.just([]), st.lists(one, max_size=3)
    )
