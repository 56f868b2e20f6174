from collections import Counter
from datetime import datetime, timedelta

import pytest

from clinic.evening import words
from clinic.evening.queries import Evening, Name, Overdue, Owed, Written
from clinic.evening.rules import Forecast, Outlook, Span, Stay, Where
from clinic.evening.words import Need, Service
from clinic.kernel import clock, i18n
from clinic.sites.rules import PointKind
from tests.factories import EVENING

OPENS = clock.at(EVENING.date(), 17)
CLOSES = clock.at(EVENING.date(), 21)

pytestmark = pytest.mark.usefixtures("context")


def _service(name: str, waiting: int, outlook: Outlook, *, can: int | None = 20) -> Service:
    span = None if can is None else Span(usual=can, low=can, high=can)
    return Service(
        code=name,
        name=name,
        stays=[Stay(visit_id=number, queued_at=EVENING - timedelta(minutes=9)) for number in range(waiting)],
        expected=Forecast(
            pace_min=None if outlook is Outlook.UNKNOWN else 5.0,
            doctors=frozenset(),
            can_finish=span,
            to_come=span,
            outlook=outlook,
        ),
    )


IDLE, GOOD = _service("GP", 0, Outlook.IDLE), _service("INT", 3, Outlook.IN_TIME)
NEARLY, OVER = _service("PED", 18, Outlook.NEARLY_FULL), _service("GYN", 22, Outlook.OVER)
DESERTED = _service("SUR", 2, Outlook.DESERTED, can=None)
UNKNOWN = _service("SUR", 2, Outlook.UNKNOWN, can=None)


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([IDLE], "Nobody waits for a doctor."),
        ([IDLE, GOOD], "All services finish in time."),
        ([GOOD, NEARLY], "One service finishes in time. PED is nearly full."),
        ([GOOD] * 5 + [OVER], "5 services finish in time. GYN cannot see everybody tonight."),
        ([IDLE, GOOD, NEARLY, NEARLY], "Two services finish in time. PED and PED are nearly full."),
        ([IDLE, DESERTED], "Nobody calls in SUR."),
        ([GOOD, UNKNOWN], "One service finishes in time. No pace yet in SUR."),
        ([UNKNOWN], "There is no pace yet: too few have been seen to say when the evening ends."),
    ],
)
def test_one_sentence_sums_up_the_page(services: list[Service], said: str) -> None:
    assert words.sentence(services, opens=OPENS, now=EVENING, closes=CLOSES) == said


@pytest.mark.parametrize(
    ("services", "now", "said"),
    [
        ([IDLE], OPENS - timedelta(minutes=1), "Nobody waits for a doctor. The clinic opens at 17:00."),
        ([IDLE], OPENS, "Nobody waits for a doctor."),
        ([IDLE], CLOSES, "The evening is over. Nobody waits for a doctor."),
        ([DESERTED], CLOSES, "It is past closing and 2 people still wait."),
    ],
)
def test_before_opening_and_from_closing_on_it_says_that(services: list[Service], now: datetime, said: str) -> None:
    assert words.sentence(services, opens=OPENS, now=now, closes=CLOSES) == said


def test_the_headline_leaves_out_what_nobody_can_say_and_names_what_it_left_out() -> None:
    places = Counter({Where.SEEN: 4, Where.WAITING: 5, Where.AWAY: 1, Where.NOT_FOR_DOCTORS: 2})
    parts = words.totals(places, [GOOD], None, CLOSES)
    assert parts == [
        "12 arrived",
        "4 seen",
        "0 with a doctor",
        "5 waiting",
        "0 left before being seen",
        "1 at the laboratory",
        "2 not for a doctor",
    ]
    expected = Span(usual=1178, low=1160, high=1193)
    *_, last = words.totals(places, [GOOD, UNKNOWN], expected, CLOSES)
    assert last == "1178 expected to be seen by 21:00 (1,160–1,193) without SUR"


def test_a_band_is_not_turned_round_in_arabic() -> None:
    with i18n.in_language("ar"):
        *_, last = words.totals(Counter(), [GOOD], Span(usual=3, low=2, high=4), CLOSES)
    assert "\u2068" + "2–4" + "\u2069" in last


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (IDLE, ""),
        (GOOD, ""),
        (NEARLY, "2 more, then tomorrow"),
        (_service("PED", 20, Outlook.NEARLY_FULL), "full: offer tomorrow"),
        (OVER, "2 too many for tonight"),
        (_service("GYN", 2, Outlook.OVER, can=None), "2 too many for tonight"),
        (DESERTED, "nobody calls"),
        (UNKNOWN, ""),
    ],
)
def test_a_service_is_flagged_with_what_is_to_be_done(service: Service, said: str) -> None:
    assert words.flag(service) == said
    assert service.looks is bool(said)


def test_a_doctor_on_the_way_to_fifty_is_named() -> None:
    assert words.load([]) == "Sphere asks for fewer than 50 a day."
    assert words.load(["Dr Noor"]) == "Sphere's 50 a day: Dr Noor."


def test_what_needs_someone_stands_the_most_pressing_first() -> None:
    evening = Evening(
        rooms={
            PointKind.TRIAGE: [Stay(visit_id=1, queued_at=EVENING - timedelta(minutes=20))],
            PointKind.LABORATORY: [Stay(visit_id=2, queued_at=EVENING - timedelta(minutes=35))],
            PointKind.PHARMACY: [Stay(visit_id=1, queued_at=EVENING - timedelta(minutes=21))],
        }
    )
    yesterday = EVENING - timedelta(days=1)
    forgotten = Written(doctor_id=1, name=Name("Dr Noor", ""), signed=3, left_open=2, open_since=yesterday)
    tidy = Written(doctor_id=2, name=Name("Dr Tekin", ""), signed=3, left_open=0, open_since=None)
    owed = [Owed(name, 5 - place) for place, name in enumerate(("iron", "salts", "zinc", "oil"))]
    overdue = Overdue(2, EVENING - timedelta(minutes=10))
    said = words.needs([DESERTED], evening, overdue=overdue, written=[forgotten, tidy], owed=owed, now=EVENING)
    assert [(need.label, need.words) for need in said] == [
        ("Critical result", "2 critical results of which nobody was told, the first due by 18:30."),
        ("Nobody calls", "SUR: people wait, and no doctor has called anybody for 30 minutes."),
        ("Laboratory", "1 person waits, for 35 min."),
        ("Pharmacy", "1 person waits, for 21 min."),
        ("Not signed", "Dr Noor: 2 notes without their patients, the first since 23.11.2026 18:40."),
        ("Pharmacy", "14 items owed, most of all iron (5), salts (4) and zinc (3)."),
    ]
    assert words.needs([GOOD], Evening(), overdue=None, written=[], owed=[], now=EVENING) == []
    assert isinstance(said[0], Need)
