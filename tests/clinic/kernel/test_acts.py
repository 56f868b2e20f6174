import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict

from clinic.kernel.access import require
from clinic.kernel.acts import act_once
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.fields import DeskForm, SecretField, WordField
from tests.desk import DeskClient, HiddenFields
from tests.factories import create_clinic, create_user, scope_of, sign_in

PAGE = """{% import "_macros/ui.html" as ui with context %}
{% call ui.form("/say", form) %}{{ ui.field(form.words) }}{% endcall %}{{ ui.error_summary(form) }}"""


class Saying(DeskForm):
    words = WordField("Words", required=True)
    secret = SecretField("Password")


@pytest.fixture
def done(app: Flask, client: DeskClient) -> list[str]:
    """What was done at an address that acts; words of three kinds are refused."""
    done: list[str] = []

    @app.route("/say", methods=["GET", "POST"])
    @require()
    def say() -> tuple[str, int]:
        form = Saying()

        def act() -> None:
            words = form.words.data or ""
            refusals = {
                "no": DomainError("No."),
                "here": NotFound("Not here.", field="words"),
                "gone": NotFound("Gone."),
            }
            if words in refusals:
                raise refusals[words]
            done.append(words)

        if form.is_submitted() and act_once(form, "test.say", act, place="/said", about="a record"):
            return "done", 200
        return render_template_string(PAGE, form=form), form.status

    with app.app_context():
        scope = scope_of(create_user(create_clinic()))
    sign_in(client, scope)
    return done


def _say(client: DeskClient, hidden: dict[str, str], **typed: str) -> tuple[int, str]:
    answer = client.post("/say", data=MultiDict({**hidden, **typed}))
    return answer.status_code, answer.get_data(as_text=True)


def test_a_form_acts_once_and_other_answers_under_its_key_are_refused(client: DeskClient, done: list[str]) -> None:
    hidden = HiddenFields(client.get("/say").get_data(as_text=True)).forms["/say"]
    assert _say(client, hidden, words="one", secret="first")[0] == 200
    assert _say(client, hidden, words="one", secret="second")[0] == 200
    status, page = _say(client, hidden, words="two")
    assert (status, "saved before, with other answers" in page) == (422, True)
    assert done == ["one"]


def test_a_refusal_is_shown_and_spends_no_key_and_a_missing_record_is_no_page(
    client: DeskClient, done: list[str]
) -> None:
    hidden = HiddenFields(client.get("/say").get_data(as_text=True)).forms["/say"]
    for typed, status, words in (("", 422, "Words"), ("no", 422, "No."), ("here", 422, "Not here."), ("gone", 404, "")):
        answer = _say(client, hidden, words=typed)
        assert (answer[0], words in answer[1]) == (status, True)
    assert _say(client, hidden, words="at last")[0] == 200
    assert done == ["at last"]
