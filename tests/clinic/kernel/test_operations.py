from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.kernel import clock
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import ProgrammingMistake
from clinic.kernel.operations import Operation, OtherContent, forget, once
from tests.clinic.kernel.boxes import Box, Leaving, Short, at_once, create_box
from tests.factories import EVENING

pytestmark = pytest.mark.postgres


def take(box_id: int, *, key: str = "k", user_id: int = 1, action: str = "take", units: int = 1) -> str:
    """Take units once per key; return the place of the answer."""
    with transaction() as session:
        act = once(user_id, action, key, {"units": units, "on": date(2026, 11, 24), "dose": Decimal("0.5")})
        if act.is_repeat:
            return act.answer
        box = session.get_one(Box, box_id)
        if box.units < units:
            raise Short("Nothing is left.")
        box.units -= units
        leaving = Leaving(box_id=box_id, units=units)
        session.add(leaving)
        session.flush()
        act.answered(f"/leavings/{leaving.id}")
        return act.answer


def units_of(box_id: int) -> int:
    return db.session.scalars(select(Box.units).where(Box.id == box_id)).one()


def test_fifty_who_send_one_form_at_once_act_once_and_read_one_answer(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box()
    answers = at_once(boxes, 50, lambda _: take(box_id))
    assert set(answers) == {"/leavings/1"}
    with boxes.app_context():
        assert units_of(box_id) == 9


@pytest.mark.usefixtures("desk")
def test_a_refusal_leaves_the_key_unspent() -> None:
    box_id = create_box(units=2)
    with pytest.raises(Short):
        take(box_id, units=3)
    assert take(box_id, units=2) == "/leavings/1"
    assert units_of(box_id) == 0


@pytest.mark.usefixtures("desk")
def test_a_double_click_on_the_last_unit_reads_the_first_answer() -> None:
    box_id = create_box(units=1)
    assert take(box_id) == take(box_id)


@pytest.mark.usefixtures("desk")
def test_other_content_under_a_spent_key_is_refused() -> None:
    box_id = create_box()
    take(box_id, units=1)
    with pytest.raises(OtherContent) as refusal:
        take(box_id, units=2)
    assert (refusal.value.code, refusal.value.status) == ("other_content", 409)
    assert units_of(box_id) == 9


@pytest.mark.usefixtures("desk")
def test_a_key_is_one_users_and_one_acts() -> None:
    box_id = create_box()
    places = [take(box_id), take(box_id, user_id=2), take(box_id, action="give"), take(box_id, key="l")]
    assert len(set(places)) == 4


@pytest.mark.usefixtures("desk")
def test_an_act_without_an_answer_is_not_committed() -> None:
    with pytest.raises(ProgrammingMistake, match="answered"), transaction():
        once(1, "take", "k", {})
    create_box()
    assert db.session.scalar(select(func.count()).select_from(Operation)) == 0


@pytest.mark.usefixtures("desk")
def test_a_key_is_claimed_inside_a_transaction_only() -> None:
    with pytest.raises(ProgrammingMistake, match="inside transaction"):
        once(1, "take", "k", {})


@pytest.mark.usefixtures("desk")
def test_content_that_cannot_be_compared_is_refused() -> None:
    with pytest.raises(TypeError, match="object"), transaction():
        once(1, "take", "k", {"thing": object()})


@pytest.mark.usefixtures("desk")
def test_a_repeat_cannot_change_the_answer() -> None:
    box_id = create_box()
    take(box_id)
    with pytest.raises(ProgrammingMistake, match="already"), transaction():
        once(1, "take", "k", {"units": 1, "on": date(2026, 11, 24), "dose": Decimal("0.5")}).answered("/elsewhere")


def test_keys_of_long_ago_are_forgotten_and_those_of_tonight_are_not(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box()
        with clock.frozen(EVENING - timedelta(days=31)):
            take(box_id, key="old")
        with clock.frozen(EVENING):
            first = take(box_id, key="new")
            with transaction():
                assert forget(EVENING - timedelta(days=30)) == 1
            assert take(box_id, key="new") == first
        assert db.session.scalars(select(Operation.key)).all() == ["new"]
