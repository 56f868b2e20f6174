"""What the banner says, slot by slot, in three languages."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic.chart.queries import AllergyFacts, AllergyRow, PregnancyFacts, PregnancyRow
from clinic.chart.rules import Known, PregnancySource, Severity, ToldBy
from clinic.kernel.i18n import in_language
from clinic.patients.queries import PatientCard
from clinic.patients.rules import BirthDate, BirthPrecision, Sex
from clinic.visits.queries import Banner, Namesake, Reading
from clinic.visits.rules import DangerSign, Vital
from clinic.visits.words import Slot, banner_words, measured, reading_note
from tests.factories import EVENING

pytestmark = pytest.mark.usefixtures("context")

YAMEN = BirthDate(year=2023, month=3, day=14, precision=BirthPrecision.DAY)
PENICILLIN = AllergyRow(
    key="a",
    substance="Penicillin",
    group=None,
    reaction="hives",
    severity=Severity.SEVERE,
    told_by=ToldBy.MOTHER,
    recorded_at=EVENING - timedelta(days=70),
    recorded_by="Derya Yalın",
)
WEIGHT = Reading(
    id=1,
    visit_id=1,
    kind=Vital.WEIGHT,
    value=14_200,
    reason="",
    measured_at=EVENING,
    recorded_at=EVENING,
    recorded_by="Derya Yalın",
    corrects_id=None,
    is_corrected=False,
)
NOT_ASKED = AllergyFacts(known=Known.NOT_ASKED, rows=(), asked_at=None)
BANNER = Banner(
    visit_id=1,
    visit_key="v",
    number=98,
    arrived_at=EVENING,
    language="ar",
    patient=PatientCard(
        id=1,
        key="p",
        record_number="P-004 118",
        name_ar="يامن قاسم",
        name_latin="Yamen Qassem",
        father_ar="محمود",
        father_latin="Mahmoud",
        sex=Sex.MALE,
        birth=YAMEN,
        language="ar",
        label_language="ar",
        phone="",
    ),
    chart_ids=(1,),
    age=None,
    allergies=NOT_ASKED,
    pregnancy=PregnancyFacts(known=Known.NOT_APPLICABLE),
    weight=None,
    weight_days=None,
    is_weight_old=False,
    namesakes=(),
)


def slots(banner: Banner) -> tuple[Slot, ...]:
    return banner_words(banner).slots


def test_a_banner_of_whom_nothing_is_known_says_so_in_every_slot() -> None:
    assert slots(BANNER) == (
        Slot("Allergy", "Not asked", state="quiet"),
        Slot("Pregnancy", "Not applicable", state="quiet"),
        Slot("Weight", "Not weighed", state="quiet"),
        Slot("Speaks", "Arabic", symbol="chat-left-dots"),
    )


def test_the_name_stands_in_the_script_of_the_page_first() -> None:
    assert (banner_words(BANNER).name, banner_words(BANNER).other_name) == ("Yamen Qassem", "يامن قاسم")
    assert banner_words(BANNER).record_number == "P-004 118"
    assert banner_words(BANNER).who == "male · 3 y 8 m (born 14.03.2023) · father Mahmoud"
    with in_language("ar"):
        assert (banner_words(BANNER).name, banner_words(BANNER).other_name) == ("يامن قاسم", "Yamen Qassem")
        assert "محمود" in banner_words(BANNER).who
    nobody = replace(BANNER, patient=replace(BANNER.patient, name_latin="", father_latin="", father_ar=""))
    assert (banner_words(nobody).name, banner_words(nobody).other_name) == ("يامن قاسم", "")
    assert "father" not in banner_words(nobody).who


def test_an_unknown_birth_is_not_made_up() -> None:
    card = replace(BANNER.patient, birth=BirthDate(precision=BirthPrecision.UNKNOWN), father_latin="", father_ar="")
    assert banner_words(replace(BANNER, patient=card)).who == "male · age not known"


def test_an_allergy_stops_the_eye_with_who_told_and_when() -> None:
    rows = (PENICILLIN, replace(PENICILLIN, substance="egg", reaction="", severity=Severity.MILD))
    slot = slots(replace(BANNER, allergies=AllergyFacts(known=Known.PRESENT, rows=rows, asked_at=None)))[0]
    assert slot == Slot("Allergy", "Penicillin: hives · egg", "severe, the mother, 09.2026", "stop")
    untold = AllergyFacts(known=Known.PRESENT, rows=(replace(PENICILLIN, told_by=None),), asked_at=None)
    assert slots(replace(BANNER, allergies=untold))[0].note == "severe, 09.2026"


def test_none_known_says_when_it_was_asked() -> None:
    facts = AllergyFacts(known=Known.ABSENT, rows=(), asked_at=EVENING)
    assert slots(replace(BANNER, allergies=facts))[0] == Slot("Allergy", "None known", "asked tonight 18:40")
    before = replace(facts, asked_at=EVENING - timedelta(days=1))
    assert slots(replace(BANNER, allergies=before))[0].note == "asked 23.11.2026"


def test_a_pregnancy_says_how_far_it_is_and_when_it_is_due() -> None:
    row = PregnancyRow(
        key="g",
        lmp_on=None,
        due_on=date(2027, 1, 22),
        source=PregnancySource.SCAN,
        reason="",
        recorded_at=EVENING,
        recorded_by="Rana Khatib",
    )
    slot = slots(replace(BANNER, pregnancy=PregnancyFacts(known=Known.PRESENT, row=row)))[1]
    assert slot == Slot("Pregnancy", "31 weeks + 4 days", "due 22.01.2027, by scan", "look")


@pytest.mark.parametrize(
    ("facts", "slot"),
    [
        (PregnancyFacts(known=Known.NOT_ASKED), Slot("Pregnancy", "Not asked", state="quiet")),
        (
            PregnancyFacts(known=Known.ABSENT, asked_at=EVENING),
            Slot("Pregnancy", "Not pregnant", "asked tonight 18:40"),
        ),
        (
            PregnancyFacts(known=Known.ABSENT, ended_on=date(2026, 11, 12)),
            Slot("Pregnancy", "Not pregnant", "ended 12.11.2026"),
        ),
    ],
)
def test_a_woman_who_is_not_pregnant_was_asked_or_was_not(facts: PregnancyFacts, slot: Slot) -> None:
    assert slots(replace(BANNER, pregnancy=facts))[1] == slot


@pytest.mark.parametrize(
    ("days", "is_old", "note", "state"),
    [
        (0, False, "tonight 18:40", ""),
        (1, False, "1 day old", ""),
        (12, False, "12 days old", ""),
        (74, True, "74 days old: weigh again", "look"),
    ],
)
def test_a_weight_says_its_age(days: int, is_old: bool, note: str, state: str) -> None:
    banner = replace(BANNER, weight=WEIGHT, weight_days=days, is_weight_old=is_old)
    assert slots(banner)[2] == Slot("Weight", "14.2\u00a0kg", note, state)


def test_a_brother_who_is_here_too_is_named_in_the_script_of_the_page() -> None:
    brother = Namesake(given_ar="يوسف", given_latin="Yousef", number=97, birth=YAMEN)
    banner = replace(BANNER, namesakes=(brother,))
    assert banner_words(banner).warnings == ("Yousef (3 y 8 m), no. 97, is here tonight too: ask the name.",)
    with in_language("ar"):
        assert "يوسف" in banner_words(banner).warnings[0]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Vital.TEMPERATURE, 386, "38.6\u00a0°C"),
        (Vital.PULSE, 128, "128\u00a0/min"),
        (Vital.PAIN, 4, "4"),
        (Vital.CONSCIOUSNESS, 2, "wakes to voice"),
        (Vital.OXYGEN_GIVEN, 1, "Yes"),
        (Vital.OEDEMA, 0, "No"),
        (DangerSign.DROWSY, 1, "Present"),
        (DangerSign.DROWSY, 0, "Absent"),
    ],
)
def test_a_measured_value_is_read_out_with_its_unit(kind: str, value: int, words: str) -> None:
    assert measured(kind, value) == words


def test_a_figure_has_the_comma_of_turkish_and_keeps_its_unit_in_arabic() -> None:
    with in_language("tr"):
        assert measured(Vital.WEIGHT, 14_200) == "14,2\u00a0kg"
    with in_language("ar"):
        assert measured(Vital.WEIGHT, 14_200) == "\u206814.2\u00a0كغ\u2069"
    assert reading_note(WEIGHT) == "18:40 · Derya Yalın"
