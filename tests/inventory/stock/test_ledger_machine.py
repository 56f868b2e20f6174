"""The ledger against a model that counts on its fingers: whatever is done in whatever order, the two agree."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic.kernel import clock
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError
from inventory.stock.queries.ledger import find_agreement, last_movement_id, ledger_differences
from inventory.stock.queries.lots import list_lots, list_usable, on_hand
from inventory.stock.rules import (
    DeliveryRefused,
    Expired,
    Kind,
    PlaceKind,
    Reason,
    Recalled,
    Short,
    StockRefusal,
    plan_first_to_expire,
)
from inventory.stock.services import (
    Delivered,
    Heading,
    Line,
    Taken,
    block,
    issue,
    post,
    receive,
    record_check,
    unblock,
)
from tests.factories import EVENING
from tests.inventory.stock.shelves import Shelf, batch_key, create_item, open_shelf

# how many days after the first evening each batch has its last day; None never
BATCHES: dict[str, int | None] = {"A": 1, "B": 6, "C": None}
batches = st.sampled_from(sorted(BATCHES))
quantities = st.integers(1, 20)


class Shelves(RuleBasedStateMachine):
    """One shelf and one quarantine, three batches of one item, and days that pass."""

    def __init__(self, shelf: Shelf, other: Shelf) -> None:
        super().__init__()
        self.day = EVENING
        self.shelf, self.other = shelf, other
        self.item_id = create_item(is_perishable=False)
        self.on_shelf: Counter[str] = Counter()
        self.aside: Counter[str] = Counter()
        self.blocked: set[str] = set()
        self.lots: dict[str, int] = {}

    def teardown(self) -> None:
        db.session.rollback()
        assert ledger_differences() == []
        db.session.rollback()

    # ---- what is done

    @initialize(batch=batches)
    def compare_once(self, batch: str) -> None:
        with self.acting():
            record_check(differences=0, last_movement_id=last_movement_id())
        self.take_in(batch, 20)

    @rule(batch=batches, quantity=quantities)
    def take_in(self, batch: str, quantity: int) -> None:
        delivered = Delivered(item_id=self.item_id, batch_no=batch, expires_on=self.last_day(batch), quantity=quantity)
        if self.is_expired(batch):
            with clock.frozen(self.day), _refused(DeliveryRefused), self.acting():
                receive(self.shelf.scope, [delivered], donor="Donor")
            return
        with clock.frozen(self.day), self.acting():
            receive(self.shelf.scope, [delivered], donor="Donor")
        self.on_shelf[batch] += quantity
        with clock.frozen(self.day):
            self.lots = {row.batch_no: row.lot_id for row in list_lots(self.shelf.scope, self.item_id)} | self.lots

    @rule(wanted=st.dictionaries(batches, st.integers(1, 6), min_size=1))
    def hand_out(self, wanted: dict[str, int]) -> None:
        there = {batch: quantity for batch, quantity in wanted.items() if batch in self.lots}
        if not there:
            return
        taken = [
            Taken(lot_id=self.lots[batch], place_id=self.shelf.shelf_id, quantity=quantity)
            for batch, quantity in there.items()
        ]
        with clock.frozen(self.day):
            if refusal := self.refusal(there):
                with _refused(refusal), self.acting():
                    issue(self.shelf.scope, taken)
                return
            with self.acting():
                issue(self.shelf.scope, taken)
        self.on_shelf.subtract(there)

    @rule(quantity=st.integers(1, 20))
    def hand_out_by_plan(self, quantity: int) -> None:
        with clock.frozen(self.day):
            usable = list_usable(self.shelf.scope, [self.item_id]).get(self.item_id, [])
            by_lot = {row.lot_id: row.batch_no for row in usable}
            plan = plan_first_to_expire([row.shelved for row in usable], quantity)
            db.session.rollback()
            assert plan.missing == max(0, quantity - sum(self.usable().values()))
            if plan.picks:
                with self.acting():
                    issue(self.shelf.scope, plan.picks)
        for pick in plan.picks:
            self.on_shelf[by_lot[pick.lot_id]] -= pick.quantity
        left = [batch for batch in ("A", "B", "C") if self.usable()[batch]]
        emptied = [by_lot[pick.lot_id] for pick in plan.picks[:-1]]
        assert not set(emptied) & set(left)

    @rule(batch=batches, quantity=quantities)
    def set_aside(self, batch: str, quantity: int) -> None:
        if batch not in self.lots:
            return
        lines = [
            Line(lot_id=self.lots[batch], place_id=self.shelf.shelf_id, quantity=-quantity),
            Line(lot_id=self.lots[batch], place_id=self.shelf.quarantine_id, quantity=quantity),
        ]
        moved = partial(post, self.shelf.scope, Heading(kind=Kind.QUARANTINE, reason=Reason.COLD_CHAIN), lines)
        if self.on_shelf[batch] < quantity:
            with _refused(StockRefusal), self.acting():
                moved()
            return
        with self.acting():
            moved()
        self.on_shelf[batch] -= quantity
        self.aside[batch] += quantity

    @rule(batch=batches)
    def hold_back_or_let_go(self, batch: str) -> None:
        if batch not in self.lots:
            return
        key = batch_key(self.lots[batch])
        with self.acting():
            (unblock if batch in self.blocked else block)(self.shelf.scope, key, because="in doubt")
        self.blocked ^= {batch}

    @rule(days=st.integers(1, 4))
    def let_days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)

    # ---- what must hold

    @invariant()
    def the_shelf_is_what_the_model_counts(self) -> None:
        with clock.frozen(self.day):
            rows = list_lots(self.shelf.scope, self.item_id)
            hand = on_hand(self.shelf.scope, [self.item_id]).get(self.item_id)
            shelf = {row.batch_no: row.quantity for row in rows if row.place_kind is PlaceKind.SHELF}
            aside = {row.batch_no: row.quantity for row in rows if row.place_kind is PlaceKind.QUARANTINE}
            assert (shelf, aside) == (+self.on_shelf, +self.aside)
            assert (hand.usable if hand else 0) == sum(self.usable().values())
            assert list_lots(self.other.scope, self.item_id) == []
        db.session.rollback()

    @invariant()
    def what_moved_agrees_with_the_shelf(self) -> None:
        agreement = find_agreement()
        assert agreement is None or agreement.differences == 0
        db.session.rollback()

    # ---- the model

    def acting(self) -> "_Acting":
        return _Acting(self.shelf.scope.user_id)

    def last_day(self, batch: str) -> date | None:
        days = BATCHES[batch]
        return None if days is None else clock.local(EVENING).date() + timedelta(days=days)

    def is_expired(self, batch: str) -> bool:
        last = self.last_day(batch)
        return last is not None and last < clock.local(self.day).date()

    def usable(self) -> Counter[str]:
        return Counter(
            {
                batch: units
                for batch, units in self.on_shelf.items()
                if batch not in self.blocked and not self.is_expired(batch)
            }
        )

    def refusal(self, wanted: dict[str, int]) -> type[StockRefusal] | None:
        """What is said of the first lot that cannot be taken, in the order in which lots are taken."""
        for batch in sorted(wanted, key=self.lots.__getitem__):
            if batch in self.blocked:
                return Recalled
            if self.is_expired(batch):
                return Expired
            if self.on_shelf[batch] < wanted[batch]:
                return Short
        return None


@contextmanager
def _refused(kind: type[DomainError]) -> Iterator[None]:
    """What is done inside must be refused so; pytest.raises would fail past Hypothesis, which then goes on."""
    try:
        yield
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was not said")


class _Acting:
    """A transaction of the pharmacist's."""

    def __init__(self, user_id: int) -> None:
        self._acting, self._transaction = acting_as(user_id), transaction()

    def __enter__(self) -> None:
        self._acting.__enter__()
        self._transaction.__enter__()

    def __exit__(self, *raised: object) -> None:
        try:
            self._transaction.__exit__(*raised)  # type: ignore[arg-type]  # as the interpreter hands them over
        finally:
            self._acting.__exit__(None, None, None)


@pytest.mark.usefixtures("context")
def test_the_ledger_and_a_model_agree_whatever_is_done() -> None:
    _run(examples=40, steps=25)


@pytest.mark.heavy
@pytest.mark.postgres
@pytest.mark.usefixtures("context")
def test_the_ledger_and_a_model_agree_in_the_long_run() -> None:
    _run(examples=2000, steps=50)


def _run(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        partial(Shelves, open_shelf(), open_shelf()),  # type: ignore[arg-type]  # it is called, and no more
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # what failed is short enough to read; shrinking it would take minutes
        ),
    )
