from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from decimal import Decimal
from typing import TypeVar

import pytest
from flask import Flask, request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from clinic.kernel import fields, i18n
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import (
    ChoiceField,
    DayField,
    DeskForm,
    KeyField,
    LongField,
    ManyField,
    NumberField,
    SecretField,
    TickField,
    TimeField,
    VersionField,
    WholeField,
    WordField,
    YesNoField,
    parse_day,
    parse_number,
    parse_time,
    parse_whole,
)
from clinic.kernel.i18n import _l
from clinic.kernel.text import N_, Worded


class Sex(Worded):
    FEMALE = "FEMALE", N_("Yes")
    MALE = "MALE", N_("No")


class IntakeForm(DeskForm):
    name = WordField(_l("Name"), required=True, most=20, least=2, hint="as on the document")
    note = LongField("Note", most=50)
    secret = SecretField("Secret")
    boxes = WholeField("Boxes", least=0, most=300, unit="boxes")
    weight = NumberField("Weight", places=1, least=Decimal("0.5"), above=N_("%(typed)s kg and not %(most)s?"), most=250)
    born = DayField("Born", least=date(1900, 1, 1), most=lambda: date(2016, 11, 25))
    came = TimeField("Came")
    sex = ChoiceField("Sex", of=Sex)
    tests = ManyField("Tests", choices=[(1, "one"), (2, "two"), (3, "three")])
    pregnant = YesNoField("Pregnant")
    agreed = TickField("Agreed")
    asset = KeyField()
    version = VersionField(required=False)


NAMES = [name for name, field in vars(IntakeForm).items() if hasattr(field, "_formfield")]
SENT: dict[str, str | None] = {"name": "Amal", "op": "k" * 22, "asset": "abc"}


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("words")
    app.secret_key = "only here"
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["WTF_I18N_ENABLED"] = False
    i18n.init_app(app)
    return app


@pytest.fixture
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


Form = TypeVar("Form", bound=DeskForm)


def send_to(app: Flask, form: type[Form], answers: Mapping[str, str | None]) -> Form:
    """The form as it comes back with `answers` among others that are sound; None leaves a field out."""
    sent = MultiDict((name, value) for name, value in (SENT | dict(answers)).items() if value is not None)
    with app.test_request_context(method="POST", data=sent):
        made = form()
        made.validate()
        return made


def send(app: Flask, **answers: str | None) -> IntakeForm:
    return send_to(app, IntakeForm, answers)


def errors(form: DeskForm) -> dict[str, list[str]]:
    return {name: [str(error) for error in found] for name, found in form.errors.items() if name}


# ---- whole numbers


@pytest.mark.parametrize(
    ("typed", "number"),
    [("14", 14), (" ١٤ ", 14), ("۱۴", 14), ("\u200f14\u200e", 14), ("-3", -3), ("−3", -3), ("007", 7), ("0", 0)],
)
def test_a_whole_number_is_read_in_three_scripts(typed: str, number: int) -> None:
    assert parse_whole(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "1_0",
        "1.0",
        "220.000",
        "1,200",
        "1 200",
        "+5",
        "1e3",
        "0x10",
        "NaN",
        "Infinity",
        "٣٫٥",
        "5-",
        "--5",
        "５",
        "²",
        "a",
        "9" * 19,
        "9" * 5000,
        "-",
    ],
)
def test_what_is_no_whole_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        parse_whole(typed)


# ---- numbers


@pytest.mark.parametrize(
    ("typed", "places", "number"),
    [
        ("14.2", 1, "14.2"),
        ("14,2", 1, "14.2"),
        ("١٤٫٢", 1, "14.2"),
        ("۱۴٫۲", 1, "14.2"),
        ("١٤،٢", 1, "14.2"),
        ("١٤,٢", 1, "14.2"),
        ("\u200f 14.2 \u200e", 1, "14.2"),
        ("-0,5", 2, "-0.5"),
        ("−0,5", 2, "-0.5"),
        ("14", 2, "14"),
        ("14.20", 2, "14.20"),
        ("220.000", 3, "220.000"),
        ("0.0005", 4, "0.0005"),
    ],
)
def test_a_number_is_read_in_three_scripts(typed: str, places: int, number: str) -> None:
    assert parse_number(typed, places) == Decimal(number)


@pytest.mark.parametrize("typed", ["220.000", "220,000", "٢٢٠٫٠٠٠", "1.234"])
@pytest.mark.parametrize("places", [0, 1, 2])
def test_exactly_three_decimals_are_refused_as_ambiguous_where_they_were_not_asked_for(typed: str, places: int) -> None:
    with pytest.raises(ValidationError, match="two ways"):
        parse_number(typed, places)


def test_more_decimals_than_asked_for_are_refused_and_never_rounded() -> None:
    with pytest.raises(ValidationError, match=r"14\.25 has more decimals than 1"):
        parse_number("14.25", 1)
    with pytest.raises(ValidationError, match="more decimals"):
        parse_number("14.2555", 2)


@pytest.mark.parametrize(
    "typed",
    [
        "1.234,5",
        "1,234.5",
        "1.234.567",
        "220 000,00",
        "1e3",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1_0",
        ".5",
        "5.",
        "1'000",
        "١٬٢٣٤",
        "14.2kg",
        "1.2-",
        "½",
        "%",
        "9" * 16,
        "0." + "1" * 99,
    ],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        parse_number(typed, 2)


# ---- days and times


@pytest.mark.parametrize(
    "typed",
    [
        *("3.4.1992", "03.04.1992", " 03.04.1992\u200f", "03/04/1992", "3-4-1992"),
        *("1992-04-03", "1992/4/3", "٣/٤/١٩٩٢", "۱۹۹۲-۰۴-۰۳"),
    ],
)
def test_a_day_is_read_in_three_shapes_and_three_scripts(typed: str) -> None:
    assert parse_day(typed) == date(1992, 4, 3)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("31.04.1992", "in no calendar"),
        ("29.02.1900", "in no calendar"),
        ("01.13.1992", "in no calendar"),
        ("01.01.0000", "in no calendar"),
        ("3.4.92", "four digits"),
        ("3.4.992", "four digits"),
        ("1992", "is not a day"),
        ("04.1992", "is not a day"),
        ("3.4/1992", "is not a day"),
        ("03041992", "is not a day"),
        ("3.4.19920", "is not a day"),
        ("3 April 1992", "is not a day"),
        ("today", "is not a day"),
    ],
)
def test_what_is_no_day_is_refused_for_what_is_wrong_with_it(typed: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        parse_day(typed)


def test_a_time_is_read_in_three_scripts() -> None:
    assert [parse_time(typed) for typed in ("18:40", "18.40", "١٨:٤٠", "9:05", "00:00")] == [
        time(18, 40),
        time(18, 40),
        time(18, 40),
        time(9, 5),
        time(0, 0),
    ]


@pytest.mark.parametrize("typed", ["24:00", "18:60", "1840", "18:4", "6:40 pm", "18", "18:40:10"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="not a time"):
        parse_time(typed)


# ---- properties


ODD = st.text(
    alphabet=st.sampled_from("0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹.,٫،٬-−+_eE /:'\u200f\u202e\x00\ud800xا٪½²"), max_size=24
)
ANY = st.one_of(st.text(max_size=60), ODD)


@settings(max_examples=300)
@given(ANY, st.integers(0, 6))
def test_no_text_brings_anything_but_an_answer_or_a_refusal(text: str, places: int) -> None:
    for parse in (parse_whole, parse_day, parse_time, lambda typed: parse_number(typed, places)):
        with suppress(ValidationError):
            assert isinstance(parse(text), (int, Decimal, date, time))


SCRIPTS = st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])


def _in(script: str, text: str) -> str:
    return text.translate(str.maketrans("0123456789", script))


@given(st.integers(-(10**17), 10**17), SCRIPTS)
def test_a_whole_number_comes_back(number: int, script: str) -> None:
    assert parse_whole(_in(script, str(number))) == number


@given(st.integers(0, 4), st.integers(-(10**12), 10**12), SCRIPTS, st.sampled_from(".,٫،"))
def test_a_number_comes_back_through_every_script_and_sign(places: int, digits: int, script: str, sign: str) -> None:
    number = Decimal(digits).scaleb(-places)
    assert parse_number(_in(script, f"{number:f}".replace(".", sign)), max(places, 3)) == number


@given(st.dates(), SCRIPTS, st.sampled_from("./-"), st.booleans())
def test_a_day_comes_back(day: date, script: str, sign: str, year_first: bool) -> None:
    parts = [f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"]
    assert parse_day(_in(script, sign.join(parts if year_first else parts[::-1]))) == day


@given(st.sampled_from(["en", "tr", "ar"]), st.decimals(-(10**9), 10**9, places=2), st.dates(), st.times())
def test_what_a_field_writes_it_reads_again(app: Flask, language: str, amount: Decimal, day: date, clock: time) -> None:
    with app.test_request_context(), i18n.in_language(language):
        form = IntakeForm(data={"weight": amount, "boxes": int(amount), "born": day, "came": clock})
        assert parse_number(form.weight._value(), 2) == amount
        assert parse_whole(form.boxes._value()) == int(amount)
        assert parse_day(form.born._value()) == day
        assert parse_time(form.came._value()) == clock.replace(second=0, microsecond=0)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, ANY)))
def test_no_answers_break_a_form(app: Flask, answers: dict[str, str]) -> None:
    with app.test_request_context(method="POST"):
        form = IntakeForm(formdata=MultiDict(answers))
        form.validate()
        assert all(field() for field in form)


# ---- fields on a form


def test_sound_answers_are_read(app: Flask) -> None:
    form = send(
        app,
        name="  Amal\u200f   Haddad ",
        note="one\r\ntwo\x00\u202e\n",
        secret=" p\u0061\u0308ss ",
        boxes="٢٠",
        weight="14,2",
        born="3.4.1992",
        came="18:40",
        sex="FEMALE",
        tests="2",
        pregnant="no",
        agreed="y",
        version="7",
    )
    assert errors(form) == {}
    assert form.status == 200
    answers = {name: form[name].data for name in form._fields if name not in {"op", "asset", "csrf_token"}}
    assert answers == {
        "name": "Amal Haddad",
        "note": "one\ntwo",
        "secret": " p\u00e4ss ",
        "boxes": 20,
        "weight": Decimal("14.2"),
        "born": date(1992, 4, 3),
        "came": time(18, 40),
        "sex": Sex.FEMALE,
        "tests": [2],
        "pregnant": False,
        "agreed": True,
        "version": 7,
    }


def test_nothing_typed_is_no_answer_and_never_no(app: Flask) -> None:
    form = send(app, note="  ", boxes="", weight="\u200f", born=" ", came="", sex="", pregnant="", secret="")
    assert errors(form) == {}
    for name in ("note", "boxes", "weight", "born", "came", "sex", "pregnant", "secret", "version"):
        assert form[name].data is None
    assert form.tests.data == []
    assert form.agreed.data is False


def test_a_field_that_was_not_sent_is_empty_and_never_its_old_value(app: Flask) -> None:
    with app.test_request_context(method="POST", data={}):
        form = IntakeForm(
            data={"name": "Old", "boxes": 3, "sex": Sex.MALE, "tests": [1], "pregnant": True, "agreed": True}
        )
        assert not form.validate()
        assert (form.name.data, form.boxes.data, form.sex.data, form.tests.data) == (None, None, None, [])
        assert (form.pregnant.data, form.agreed.data) == (None, False)
        assert form.name.errors == ["An answer is needed here."]


def test_a_body_of_json_is_no_form(app: Flask) -> None:
    with app.test_request_context(method="POST", json=[1, 2]):
        form = IntakeForm()
        assert not form.validate()
        assert form.name.data is None


def test_a_file_under_a_words_name_is_no_answer(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"name": (__file__, "x.txt")}):
        form = IntakeForm()
        form.validate()
        assert form.name.data is None


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"name": "A"}, "At least 2 characters are needed."),
        ({"name": "A" * 21}, "21 characters stand here, and 20 fit."),
        ({"note": "A" * 51}, "51 characters stand here, and 50 fit."),
        ({"secret": "A" * 257}, "257 characters stand here, and 256 fit."),
        ({"boxes": "-1"}, "-1 is below 0."),
        ({"boxes": "٣٠١"}, "\u2068٣٠١\u2069 is above 300."),
        ({"boxes": "1_0"}, "1_0 is not a whole number. Write digits alone."),
        ({"weight": "0,4"}, "0,4 is below 0.5."),
        ({"weight": "251"}, "251 kg and not 250?"),
        ({"weight": "a" * 60}, "a" * 40 + "… is not a number. Write it as 14.2."),
        ({"born": "31.12.1899"}, "31.12.1899 is before 01.01.1900."),
        ({"born": "26.11.2016"}, "26.11.2016 is after 25.11.2016."),
        ({"came": "25:00"}, "25:00 is not a time of day. Write it as 18:40."),
        ({"sex": "OTHER"}, "Choose among the answers that are offered."),
        ({"tests": "4"}, "Choose among the answers that are offered."),
        ({"pregnant": "True"}, "Choose among the answers that are offered."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    app: Flask, answers: dict[str, str], message: str
) -> None:
    [(name, typed)] = answers.items()
    form = send(app, **answers)
    assert errors(form) == {name: [message]}
    assert form.status == 422
    assert [(problem.field_id, problem.message) for problem in form.problems] == [(name, message)]
    if name not in {"secret", "sex", "tests", "pregnant"}:
        assert typed in form[name]()


def test_a_refusal_is_in_the_language_of_the_page(app: Flask) -> None:
    with app.test_request_context(method="POST", data=SENT | {"weight": "x"}, headers={"Accept-Language": "tr"}):
        form = IntakeForm()
        form.validate()
        assert form.weight.errors == ["x bir sayı değil. 14,2 gibi yazın."]


def test_a_secret_is_never_shown_again(app: Flask) -> None:
    assert "hunter2" not in send(app, secret="hunter2", name="").secret()


def test_typed_markup_stays_text(app: Flask) -> None:
    assert "<script>" not in send(app, name='"><script>').name()


class DemandingForm(DeskForm):
    boxes = WholeField("Boxes", required=True)
    sex = ChoiceField("Sex", of=Sex, required=True)
    tests = ManyField("Tests", choices=[(1, "one")], required=True)
    pregnant = YesNoField("Pregnant", required=True)
    agreed = TickField("Agreed", required=True)


def test_a_missing_answer_is_asked_for(app: Flask) -> None:
    needed = ["An answer is needed here."]
    form = send_to(app, DemandingForm, {})
    assert errors(form) == dict.fromkeys(("boxes", "sex", "tests", "pregnant"), needed) | {
        "agreed": ["Tick this to go on."]
    }
    assert (
        errors(
            send_to(app, DemandingForm, {"boxes": "0", "sex": "MALE", "tests": "1", "pregnant": "no", "agreed": "y"})
        )
        == {}
    )


def test_a_check_of_the_forms_own_sees_an_empty_answer_but_not_one_that_could_not_be_read(app: Flask) -> None:
    class OwnForm(DeskForm):
        boxes = WholeField("Boxes")
        because = WordField("Because")

        def validate_because(self, field: WordField) -> None:
            if self.boxes.data and not field.data:
                raise ValidationError("Say why.")

        def validate_boxes(self, field: WholeField) -> None:
            if field.data is not None and field.data % 2:
                raise ValidationError("Odd.")

    assert errors(send_to(app, OwnForm, {"boxes": "2"})) == {"because": ["Say why."]}
    assert errors(send_to(app, OwnForm, {"boxes": "x"}))["boxes"] == ["x is not a whole number. Write digits alone."]
    assert errors(send_to(app, OwnForm, {"boxes": "3", "because": "so"})) == {"boxes": ["Odd."]}


def test_an_answer_given_before_is_shown_as_a_person_would_type_it(page: None) -> None:
    form = IntakeForm(data={"name": "Amal", "boxes": 1200, "weight": Decimal("14.20"), "version": 3})
    assert [form[name]._value() for name in ("name", "boxes", "weight", "version", "note")] == [
        *("Amal", "1200", "14.2", "3", "")
    ]


# ---- offered answers


def test_answers_offered_after_the_form_is_made_count(app: Flask) -> None:
    with app.test_request_context(method="POST", data=SENT | {"sex": "b", "tests": "c"}):
        form = IntakeForm()
        form.sex.choices = [("a", "A"), ("b", "B")]
        form.tests.choices = [("c", "C")]
        assert form.validate()
        assert (form.sex.data, form.tests.data) == ("b", ["c"])
        assert form.tests.choices == [("c", "C")]


def test_answers_offered_on_a_page_that_is_only_opened_leave_it_unanswered(page: None) -> None:
    form = IntakeForm()
    form.sex.choices = [("a", "A")]
    assert form.sex.data is None
    assert [choice.value for choice in form.sex.iter_choices()] == ["", "a"]


def test_a_list_starts_with_a_blank_and_segments_do_not(app: Flask, page: None) -> None:
    form = IntakeForm()
    assert [choice.label for choice in form.sex.iter_choices()] == ["Not given", "Yes", "No"]
    assert [choice.label for choice in form.pregnant.iter_choices()] == ["Yes", "No"]
    assert [(option.data, option.checked) for option in form.pregnant] == [("yes", False), ("no", False)]
    demanding = DemandingForm()
    assert next(demanding.sex.iter_choices()).label == "Choose"


def test_given_answers_are_shown_as_chosen(app: Flask, page: None) -> None:
    form = IntakeForm(data={"sex": Sex.MALE, "tests": [1, 3], "pregnant": False})
    assert [choice.selected for choice in form.sex.iter_choices()] == [False, False, True]
    assert [option.checked for option in form.tests] == [True, False, True]
    assert [option.checked for option in form.pregnant] == [False, True]
    sent = send(app, sex="FEMALE", pregnant="yes", tests="2")
    with app.test_request_context():
        assert [choice.selected for choice in sent.sex.iter_choices()] == [False, True, False]
        assert [option.checked for option in sent.tests] == [False, True, False]


# ---- the form


def test_the_operation_key_is_new_with_each_page_and_stays_on_a_refusal(app: Flask, page: None) -> None:
    first, second = IntakeForm(), IntakeForm()
    assert first.op.data != second.op.data
    assert len(first.op.data or "") == 22
    refused = send(app, name="", op="k" * 22)
    assert refused.op.data == "k" * 22
    assert 'value="kkkkkkkkkkkkkkkkkkkkkk"' in refused.op()


@pytest.mark.parametrize("op", [None, "", "a b", "x" * 65, "<>"])
def test_a_page_that_lost_its_key_is_said_of_the_form_and_gets_a_new_one(app: Flask, op: str | None) -> None:
    form = send(app, op=op)
    assert form.form_errors == ["This page is out of date. Open it again."]
    assert form.op.errors == ()
    assert 'value=""' not in form.op()


@pytest.mark.parametrize("answers", [{"asset": None}, {"asset": "a/b"}, {"version": "x"}, {"version": "-1"}])
def test_what_is_wrong_with_an_unseen_field_is_said_of_the_form(app: Flask, answers: dict[str, str]) -> None:
    form = send(app, **answers)
    assert form.form_errors == ["This page is out of date. Open it again."]
    assert form.problems == [fields.Problem("", "", "This page is out of date. Open it again.")]


def test_a_refusal_stands_at_its_field_or_on_the_form(app: Flask) -> None:
    form = send(app)
    with app.test_request_context():
        form.refuse(DomainError("Only %(left)s left.", field="boxes", left=3))
        form.refuse(DomainError("Not tonight."))
        form.refuse(DomainError("Not with this key.", field="op"))
        form.refuse(DomainError("Not so.", field="nowhere"))
    assert form.boxes.errors == ["Only 3 left."]
    assert form.form_errors == ["Not tonight.", "Not with this key.", "Not so."]
    assert form.status == 422
    assert form.problems[-1] == fields.Problem("boxes", "Boxes", "Only 3 left.")


def test_a_form_that_was_only_opened_has_no_problem(page: None) -> None:
    assert request.method == "GET"
    form = IntakeForm()
    assert (form.problems, form.status) == ([], 200)
