"""Every form x whatever can be typed: a clear answer, what was typed kept, nothing half written."""

from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pkgutil import walk_packages
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import clinic
import inventory
from clinic.kernel import clock
from clinic.kernel.fields import DeskForm
from clinic.kernel.text import clean
from tests.factories import EVENING
from tests.walks.addresses import Address, list_addresses
from tests.walks.forms import Sending, find_forms
from tests.walks.ground import RECORDS_OF_READING, Rows, Walk, changed
from tests.walks.markup import Kind, Markup
from tests.walks.texts import MARK, UNASKED, UNASKED_MARKS, answers
from tests.walks.visitor import Visitor

# what a refused form may leave behind: who tried, and the words of a search
_OF_REFUSALS = RECORDS_OF_READING | {"sign_in_attempt"}
# refused, what was typed is kept on the server too: the note is the doctor's work, and outlives the browser
_KEPT_BY = dict.fromkeys(["consultations.abandon", "consultations.sign"], frozenset({"draft"}))
_ALLOWED = {200, 204, 302, 303, 400, 404, 409, 422, 429}

_bounded = settings(
    max_examples=5,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # a failure is told at once; the deep run makes it small
    suppress_health_check=list(HealthCheck),
)
_deep = settings(_bounded, max_examples=200, derandomize=False, phases=list(Phase))


class Trial:
    """A world to send forms to, its forms, and its rows before anything is sent."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        walk.put_back()
        self.before = walk.rows(but=_OF_REFUSALS)
        self.forms = find_forms(walk)

    def visitor(self, sending: Sending) -> Visitor:
        """Seat whoever sends a form at a world that is as it was at first."""
        self.walk.put_back()
        return Visitor(self.walk.app, self.walk.world.here.staff[sending.role] if sending.role else None)

    def send(self, sending: Sending, told: dict[str, list[str]]) -> TestResponse:
        """Send a form from the world's first state."""
        [address] = [one for one in list_addresses() if one.endpoint == sending.endpoint and one.method == "POST"]
        return self.visitor(sending).go(address, sending.path, told=told)


@pytest.fixture(scope="session")
def trial(opened: Walk) -> Trial:
    """The world with every form of the product."""
    with clock.frozen(EVENING):
        return Trial(opened)


def test_every_act_has_a_form(act: Address, trial: Trial) -> None:
    assert act.endpoint in trial.forms, (
        f"no page of the world shows a form for {act}. Put the world into a state whose page does (a record called "
        f"'batch held' is opened beside 'batch'), or add {act.endpoint!r} to UNSHOWN in tests/walks/forms.py with who "
        "may send it and the names of its fields."
    )


# ---- whatever can be typed -----------------------------------------------------------------------------------------


@_bounded
@given(data=st.data())
def test_a_form_takes_whatever_is_typed(act: Address, trial: Trial, data: st.DataObject) -> None:
    try_anything(trial, act, data)


@pytest.mark.heavy
@_deep
@given(data=st.data())
def test_a_form_takes_whatever_is_typed_deeply(act: Address, trial: Trial, data: st.DataObject) -> None:
    try_anything(trial, act, data)


def try_anything(trial: Trial, act: Address, data: st.DataObject) -> None:
    """Send whatever Hypothesis thinks of, with some fields that nobody asked for."""
    sending = trial.forms[act.endpoint]
    told = data.draw(answers(sending.controls))
    unasked = data.draw(st.lists(st.sampled_from(sorted(UNASKED)), unique=True, max_size=3))
    told |= {name: [UNASKED[name]] for name in unasked if name not in sending.names}
    look(trial, sending, told, trial.send(sending, told))


def look(trial: Trial, sending: Sending, told: dict[str, list[str]], answer: TestResponse) -> None:
    """Hold an answer to what every form promises."""
    page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
    assert answer.status_code in _ALLOWED
    assert "Traceback" not in page
    assert [tag for tag in Markup(page).tags if MARK in (tag[0], *tag[1])] == []
    if answer.status_code < 400:
        assert unasked_marks(trial.walk.rows(but=RECORDS_OF_READING | {"operation"})) == []
        return
    kept = _KEPT_BY.get(sending.endpoint, frozenset())
    assert [name for name in changed(trial.before, trial.walk.rows(but=_OF_REFUSALS)) if name not in kept] == []
    if answer.status_code == 422:
        assert list(lost(sending, told, page)) == []


def unasked_marks(rows: Rows) -> list[str]:
    """Return the tables in which something stands that no form asked for."""
    return [name for name, table in rows.items() for row in table for cell in row if cell in UNASKED_MARKS]


def lost(sending: Sending, told: dict[str, list[str]], page: str) -> Iterator[tuple[str, str, str]]:
    """Yield what was typed and does not stand on the page that refuses it."""
    shown = {name: control for form in Markup(page).forms for name, control in form.controls.items()}
    for control in sending.controls:
        typed = told.get(control.name, [])
        if control.kind is Kind.TEXT and typed and control.name in shown:
            stands = shown[control.name].value or ""
            if plain(stands) != plain(typed[0]):
                yield control.name, typed[0][:80], stands[:80]


def plain(text: str) -> str:
    """Return a text as the eye reads it: without marks that nobody sees, white space as single blanks."""
    return clean(text)


def test_a_form_takes_bytes_that_are_no_text(act: Address, trial: Trial) -> None:
    sending = trial.forms[act.endpoint]
    visitor = trial.visitor(sending)
    answer = visitor.client.post(
        sending.path,
        data="&".join(f"{name}=%ff%fe%ed%a0%80%00" for name in sending.names),
        content_type="application/x-www-form-urlencoded",
        headers={"X-CSRFToken": visitor.token},
    )
    look(trial, sending, {}, answer)


@pytest.mark.heavy
def test_a_form_takes_files_where_words_are_asked(act: Address, trial: Trial) -> None:
    sending = trial.forms[act.endpoint]
    visitor = trial.visitor(sending)
    answer = visitor.client.post(
        sending.path,
        data={name: (BytesIO(b"\x89PNG"), "../photo.png") for name in sending.names},
        content_type="multipart/form-data",
        headers={"X-CSRFToken": visitor.token},
    )
    look(trial, sending, {}, answer)


# ---- that no form is left out --------------------------------------------------------------------------------------


def test_every_desk_form_is_sent_somewhere(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[type] = set()
    begin = DeskForm.__init__

    def remember(form: DeskForm, **kwargs: Any) -> None:  # noqa: ANN401 - as the form takes it
        begin(form, **kwargs)
        if form.is_submitted():
            made.add(type(form))

    monkeypatch.setattr(DeskForm, "__init__", remember)
    for sending in trial.forms.values():
        trial.send(sending, {})
    for house in (clinic, inventory):
        for module in walk_packages(house.__path__, f"{house.__name__}."):
            import_module(module.name)
    leaves = {form for form in _all_forms(DeskForm) if not form.__subclasses__()}
    ours = {form for form in leaves if form.__module__.startswith(("clinic.", "inventory."))}
    # by name: a form whose fields follow from its page has a class of its own each time
    assert {form.__qualname__ for form in ours} - {form.__qualname__ for form in made} == set()


def _all_forms(base: type) -> Iterator[type]:
    found: list[type] = base.__subclasses__()
    for form in found:
        yield form
        yield from _all_forms(form)
