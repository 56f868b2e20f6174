from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask, g, render_template_string

from clinic.kernel import clock, i18n
from clinic.kernel.errors import DomainError, NotFound, ProgrammingMistake
from clinic.kernel.i18n import _, _l, age, in_language, number


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("words")
    app.secret_key = "only here"
    i18n.init_app(app)
    return app


@pytest.fixture
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


# ---- which language


def test_the_browser_asks_for_a_language(app: Flask) -> None:
    for asked, spoken in (("ar-SY,en;q=0.5", "ar"), ("de,tr;q=0.8", "tr"), ("de", "en"), ("", "en")):
        with app.test_request_context(headers={"Accept-Language": asked}):
            assert i18n.language() == spoken


def test_a_choice_outweighs_the_browser_at_once(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "tr"}):
        assert _("Yes") == "Evet"
        i18n.choose_language("ar")
        assert _("Yes") == "نعم"


def test_a_choice_stays_for_the_next_request(app: Flask) -> None:
    @app.get("/choose")
    def choose() -> str:
        i18n.choose_language("tr")
        return ""

    @app.get("/speak")
    def speak() -> str:
        return i18n.language()

    client = app.test_client()
    client.get("/choose")
    assert client.get("/speak").text == "tr"
    assert app.test_client().get("/speak").text == "en"


def test_who_is_signed_in_outweighs_the_choice(app: Flask) -> None:
    with app.test_request_context():
        i18n.choose_language("ar")
        g.subject = SimpleNamespace(language="tr")
        i18n.refresh()
        assert i18n.language() == "tr"


@pytest.mark.parametrize("held", ["fr", "", None, 7])
def test_a_language_that_nobody_speaks_is_passed_over(app: Flask, held: object) -> None:
    with app.test_request_context(headers={"Accept-Language": "ar"}):
        g.subject = SimpleNamespace(language=held)
        assert i18n.language() == "ar"


def test_a_language_that_nobody_speaks_cannot_be_chosen(page: None) -> None:
    with pytest.raises(NotFound):
        i18n.choose_language("fr")


def test_the_patients_language_holds_inside_the_block_alone(page: None) -> None:
    with in_language("ar"):
        assert (_("Yes"), i18n.direction()) == ("نعم", "rtl")
        with in_language("tr"):
            assert (_("Yes"), i18n.direction()) == ("Evet", "ltr")
        assert _("Yes") == "نعم"
    assert (_("Yes"), i18n.direction()) == ("Yes", "ltr")


def test_a_job_without_a_request_speaks_a_language_too(app: Flask) -> None:
    with app.app_context(), in_language("tr"):
        assert _("Yes") == "Evet"


def test_speaking_outside_an_application_is_a_mistake_and_not_silently_english() -> None:
    with pytest.raises(ProgrammingMistake), in_language("tr"):
        pass


def test_languages_are_named_in_the_language_of_the_page(page: None) -> None:
    with in_language("tr"):
        assert [i18n.language_name(code) for code in ("ar", "ku", "xx")] == ["Arapça", "Kürtçe", "xx"]


# ---- words


PLURALS = {
    "tr": {n: f"{n} gün" for n in (0, 1, 2, 3, 11, 99, 100, 102, 103)},
    "en": {n: f"{n} d" for n in (0, 1, 2, 3, 11, 99, 100, 102, 103)},
    "ar": {
        0: "أقل من يوم",
        1: "يوم واحد",
        2: "يومان",
        3: "3 أيام",
        11: "11 يوماً",
        99: "99 يوماً",
        100: "100 يوم",
        102: "102 يوم",
        103: "103 أيام",
    },
}


@pytest.mark.parametrize("language", PLURALS)
def test_each_number_takes_its_plural_form(page: None, language: str) -> None:
    with in_language(language):
        assert {n: i18n.days(n) for n in PLURALS[language]} == PLURALS[language]


def test_a_template_counts_as_python_does(page: None) -> None:
    source = "{{ ngettext('%(num)s d', '%(num)s d', 103) }} {{ _('Yes') }}"
    with in_language("ar"):
        assert render_template_string(source) == "103 أيام نعم"


def test_an_empty_message_is_empty_and_not_the_catalogues_header(page: None) -> None:
    with in_language("ar"):
        assert _("") == "" == render_template_string("{{ _(words) }}", words="")


def test_a_per_cent_sign_is_written_twice_in_python_as_in_templates(page: None) -> None:
    assert _("%(part)s%% of all", part=4) == "4% of all"
    assert _("100%%") == "100%" == render_template_string("{{ _('100%%') }}")


def test_late_words_follow_the_language(page: None) -> None:
    words = _l("Yes")
    with in_language("tr"):
        assert str(words) == "Evet"
    assert str(words) == "Yes"


def test_late_words_are_escaped_in_a_page(page: None) -> None:
    words = _l("Nobody is called %(name)s.", name="<script>")
    assert render_template_string("{{ words }}", words=words) == "Nobody is called &lt;script&gt;."


def test_a_refusal_is_said_with_its_days_times_and_numbers_as_the_language_writes_them(page: None) -> None:
    refusal = DomainError(
        "%(when)s %(before)s %(day)s %(amount)s %(count)s",
        when=datetime(2016, 11, 25, 15, 41, tzinfo=UTC),
        before=datetime(2016, 11, 24, 15, 41, tzinfo=UTC),
        day=date(2016, 12, 1),
        amount=Decimal("14.20"),
        count=1200,
    )
    with clock.frozen(clock.at(date(2016, 11, 25), 19)), in_language("tr"):
        assert i18n.explain(refusal) == "18:41 24.11.2016 18:41 01.12.2016 14,2 1200"


def test_a_refusal_without_values_keeps_its_per_cent_sign(page: None) -> None:
    assert i18n.explain(DomainError("Half is 50%%.")) == "Half is 50%."


def test_a_name_in_a_sentence_of_the_other_direction_is_isolated(page: None) -> None:
    refusal = DomainError("%(name)s, 3 left", name="محمد")
    assert i18n.explain(refusal) == "\u2068محمد\u2069, 3 left"
    assert i18n.explain(DomainError("%(name)s, 3 left", name="Ali")) == "Ali, 3 left"
    with in_language("ar"):
        assert i18n.explain(DomainError("%(name)s, 3 left", name="A-3")) == "\u2068A-3\u2069, 3 left"


# ---- numbers, days, times, ages


@pytest.mark.parametrize(
    ("value", "english", "turkish"),
    [
        (Decimal(36490), "36,490", "36.490"),
        (Decimal("14.20"), "14.2", "14,2"),
        (Decimal("0.005"), "0.005", "0,005"),
        (1234567.5, "1,234,567.5", "1.234.567,5"),
        (-3, "-3", "-3"),
        (Decimal("-0.0"), "0", "0"),
        (Decimal("1E+3"), "1,000", "1.000"),
        (0.1, "0.1", "0,1"),
    ],
)
def test_a_number_has_western_digits_and_the_languages_own_signs(
    page: None, value: Decimal | float, english: str, turkish: str
) -> None:
    assert number(value) == english
    with in_language("ar"):
        assert number(value) == english
    with in_language("tr"):
        assert number(value) == turkish


def test_places_are_fixed_with_halves_rounded_up(page: None) -> None:
    values = [Decimal(36490), Decimal("0.125"), Decimal("2.5"), Decimal("-0.001")]
    assert [number(value, 2) for value in values] == ["36,490.00", "0.13", "2.50", "0.00"]
    assert number(Decimal("2.5"), 0) == "3"


def test_what_is_typed_over_has_no_thousands_sign(page: None) -> None:
    assert number(1200, grouped=False) == "1200"


NIGHT = datetime(2016, 11, 25, 22, 5, tzinfo=UTC)  # past midnight on the clinic's wall clock


def test_days_and_times_are_those_of_the_clinics_wall(page: None) -> None:
    assert i18n.day(NIGHT) == "26.11.2016"
    assert i18n.clock_time(NIGHT) == "01:05"
    assert i18n.moment(NIGHT) == "26.11.2016 01:05"
    assert i18n.long_day(NIGHT) == "Saturday 26 November 2016"
    assert i18n.clock_time(time(9, 5)) == "09:05"
    assert i18n.day(date(987, 1, 2)) == "02.01.0987"


def test_months_are_named_as_in_syria(page: None) -> None:
    with in_language("ar"):
        assert i18n.month(date(2016, 1, 5)) == "كانون الثاني 2016"
        assert i18n.long_day(date(2016, 11, 25)) == "الجمعة 25 تشرين الثاني 2016"
    with in_language("tr"):
        assert i18n.long_day(date(2016, 11, 25)) == "Cuma 25 Kasım 2016"


def test_a_length_of_time_is_in_hours_and_minutes(page: None) -> None:
    assert i18n.duration(timedelta(minutes=80, seconds=59)) == "1 h 20 min"
    assert i18n.duration(timedelta(seconds=30)) == "0 min"
    with in_language("tr"):
        assert i18n.duration(timedelta(days=1, minutes=2)) == "24 sa 2 dk"


@pytest.mark.parametrize(
    ("born", "english", "turkish", "arabic"),
    [
        (date(2016, 11, 25), "0 d", "0 gün", "أقل من يوم"),
        (date(2016, 11, 6), "19 d", "19 gün", "19 يوماً"),
        (date(2016, 10, 26), "30 d", "30 gün", "30 يوماً"),
        (date(2016, 10, 25), "1 m", "1 ay", "شهر واحد"),
        (date(2015, 11, 26), "11 m", "11 ay", "11 شهراً"),
        (date(2015, 11, 25), "1 y", "1 yaş", "سنة واحدة"),
        (date(2014, 10, 20), "2 y 1 m", "2 yaş 1 ay", "سنتان وشهر واحد"),
        (date(2013, 8, 1), "3 y 3 m", "3 yaş 3 ay", "3 سنوات و3 أشهر"),
        (date(2011, 11, 26), "4 y 11 m", "4 yaş 11 ay", "4 سنوات و11 شهراً"),
        (date(2011, 11, 25), "5 y", "5 yaş", "5 سنوات"),
        (date(1982, 2, 28), "34 y", "34 yaş", "34 سنة"),
        (date(1914, 1, 1), "102 y", "102 yaş", "102 سنة"),
    ],
)
def test_an_age_is_as_precise_as_it_matters(page: None, born: date, english: str, turkish: str, arabic: str) -> None:
    on = date(2016, 11, 25)
    assert age(born, on) == english
    with in_language("tr"):
        assert age(born, on) == turkish
    with in_language("ar"):
        assert age(born, on) == arabic


def test_an_age_is_that_of_today_unless_a_day_is_named(page: None) -> None:
    with clock.frozen(clock.at(date(2016, 11, 25), 19)):
        assert age(date(2006, 11, 25)) == "10 y"


def test_nobody_has_an_age_before_the_birth(page: None) -> None:
    with pytest.raises(ProgrammingMistake):
        age(date(2016, 11, 26), date(2016, 11, 25))


def test_templates_know_the_language_and_the_formats(page: None) -> None:
    source = "{{ language() }} {{ direction() }} {{ 14.5|number }} {{ born|day }} {{ '1-5'|bdi }} {{ '<'|bdi }}"
    with in_language("ar"):
        shown = render_template_string(source, born=date(2016, 11, 25))
    assert shown == 'ar rtl 14.5 25.11.2016 <bdi dir="ltr">1-5</bdi> <bdi dir="ltr">&lt;</bdi>'


@pytest.mark.parametrize(
    ("code", "said"), [("en", "Gynaecology, Surgery and ENT"), ("tr", "Gynaecology, Surgery ve ENT")]
)
def test_a_list_within_a_sentence_ends_in_this_languages_and(app: Flask, code: str, said: str) -> None:
    with app.app_context(), in_language(code):
        assert i18n.spoken_list(["Gynaecology", "Surgery", "ENT"]) == said
        assert i18n.spoken_list(["ENT"]) == "ENT"


def test_a_list_in_arabic_joins_with_its_and(app: Flask) -> None:
    with app.app_context(), in_language("ar"):
        assert i18n.spoken_list(["النسائية", "الداخلية"]) == "النسائية والداخلية"
