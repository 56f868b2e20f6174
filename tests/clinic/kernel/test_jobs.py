from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Event, Thread
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.kernel import clock, jobs
from clinic.kernel.audit import acting_as, actor_id
from clinic.kernel.db import WriteOutsideTransaction, db, transaction, writing
from clinic.kernel.errors import DomainError, ProgrammingMistake
from clinic.kernel.jobs import Job, JobState, Run, enqueue, work_off, worker
from tests.clinic.kernel.boxes import Leaving, Short, at_once, create_box, take_one
from tests.factories import EVENING

pytestmark = pytest.mark.postgres


class Power(BaseException):
    """What nobody catches: the process ends here."""


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Run]:
    """The kinds of job there are, for this test alone; `note` does nothing."""
    kinds: dict[str, Run] = {"note": lambda _key: None}
    monkeypatch.setattr(jobs, "_kinds", kinds)
    return kinds


@pytest.fixture
def at_work(desk: Flask, kinds: dict[str, Run]) -> Iterator[list[str]]:
    """A desk where the job `do` writes down its key."""
    done: list[str] = []
    kinds["do"] = done.append
    yield done
    db.session.rollback()


def ask(*keys: str, kind: str = "do") -> None:
    with transaction():
        for key in keys:
            enqueue(kind, key)


def found(kind: str = "do") -> list[tuple[str, JobState, int, str]]:
    db.session.rollback()
    rows = db.session.execute(select(Job.key, Job.state, Job.tries, Job.error).where(Job.kind == kind).order_by(Job.id))
    return [(key, state, tries, error) for key, state, tries, error in rows]


def test_a_job_asked_for_with_an_act_is_done_once_outside_any_transaction(
    at_work: list[str], kinds: dict[str, Run]
) -> None:
    kinds["do"] = lambda key: at_work.append(f"{key} {writing()}")
    ask("a", "b")
    assert work_off() == 2
    assert at_work == ["a False", "b False"]
    assert found() == [("a", JobState.DONE, 1, ""), ("b", JobState.DONE, 1, "")]
    assert work_off() == 0


def test_a_refused_act_asks_for_nothing(at_work: list[str]) -> None:
    with pytest.raises(Short), transaction():
        enqueue("do", "a")
        raise Short("no")
    with pytest.raises(WriteOutsideTransaction):
        enqueue("do", "a")
    with pytest.raises(ProgrammingMistake, match="nobody"), transaction():
        enqueue("unheard of", "a")
    assert work_off() == 0
    assert at_work == []


def test_one_thing_asked_for_twice_before_it_is_done_is_done_once_and_afterwards_again(at_work: list[str]) -> None:
    ask("a", "a", "b")
    ask("a")
    work_off()
    assert at_work == ["a", "b"]
    ask("a")
    work_off()
    assert at_work == ["a", "b", "a"]


def test_what_is_asked_for_while_it_is_being_done_is_done_once_more(at_work: list[str], kinds: dict[str, Run]) -> None:
    def run(key: str) -> None:
        at_work.append(key)
        if len(at_work) == 1:
            ask(key)

    kinds["do"] = run
    ask("a")
    assert work_off() == 2
    assert at_work == ["a", "a"]
    assert found() == [("a", JobState.DONE, 1, "")]


def test_at_most_so_many_are_done(at_work: list[str]) -> None:
    ask("a", "b", "c")
    assert work_off(limit=2) == 2
    assert at_work == ["a", "b"]


def test_a_job_is_done_as_whoever_asked_for_it(at_work: list[str], kinds: dict[str, Run]) -> None:
    kinds["do"] = lambda key: at_work.append(f"{key} {actor_id()}")
    with acting_as(7):
        ask("a")
    ask("b")
    work_off()
    assert at_work == ["a 7", "b None"]


def test_a_job_that_fails_is_tried_again_ever_later_and_at_last_given_up_with_its_error(
    at_work: list[str], kinds: dict[str, Run]
) -> None:
    def run(key: str) -> None:
        at_work.append(key)
        raise DomainError("the printer of %(room)s is silent", room=6)

    kinds["do"] = run
    ask("a")
    ask("noise", kind="note")
    waited = []
    while found()[0][1] is JobState.WAITING:
        due = db.session.scalars(select(Job.not_before).where(Job.kind == "do")).one()
        waited.append((due - clock.now()).total_seconds())
        with clock.frozen(due - timedelta(microseconds=1)):
            assert "do" not in {
                job.kind for job in db.session.scalars(select(Job).where(Job.not_before <= clock.now()))
            }
        with clock.frozen(due):
            work_off()
    assert len(at_work) == jobs.MOST_TRIES
    assert found() == [("a", JobState.FAILED, 8, "DomainError: the printer of 6 is silent")]
    assert found("note") == [("noise", JobState.DONE, 1, "")]
    steps = [round(later - earlier) for earlier, later in pairwise(waited)]
    assert steps == [5, 10, 20, 40, 80, 160, 320]


def test_a_failing_job_does_not_hold_up_the_others(at_work: list[str], kinds: dict[str, Run]) -> None:
    def run(key: str) -> None:
        if key == "a":
            raise RuntimeError("broken")
        at_work.append(key)

    kinds["do"] = run
    ask("a", "b")
    assert work_off() == 2
    assert at_work == ["b"]
    assert found() == [("a", JobState.WAITING, 1, "RuntimeError: broken"), ("b", JobState.DONE, 1, "")]


def test_a_job_that_was_given_up_may_be_asked_for_anew(at_work: list[str]) -> None:
    ask("a")
    with transaction() as session:
        session.scalars(select(Job)).one().state = JobState.FAILED
    ask("a")
    work_off()
    assert at_work == ["a"]
    assert [state for _, state, _, _ in found()] == [JobState.FAILED, JobState.DONE]


def test_a_worker_killed_between_two_acts_of_a_job_is_followed_by_one_that_resumes(
    at_work: list[str], kinds: dict[str, Run]
) -> None:
    box_id = create_box(units=2)
    powers = [Power(), None]

    def run(_key: str) -> None:
        if db.session.scalar(select(Leaving.id)) is None:
            take_one(box_id)
        if (end := powers.pop(0)) is not None:
            raise end
        at_work.append("second act")

    kinds["do"] = run
    ask("a")
    with pytest.raises(Power):
        work_off()
    assert found() == [("a", JobState.WAITING, 1, "")]
    assert work_off() == 0, "the claim of the killed worker still stands"
    with clock.frozen(EVENING + jobs.CLAIM):
        assert work_off() == 1
    assert at_work == ["second act"]
    assert len(db.session.scalars(select(Leaving)).all()) == 1
    assert found() == [("a", JobState.DONE, 2, "")]


def test_a_kind_that_this_worker_does_not_know_is_left_to_one_that_does(
    at_work: list[str], kinds: dict[str, Run]
) -> None:
    ask("a")
    del kinds["do"]
    assert work_off() == 0
    kinds["do"] = at_work.append
    assert work_off() == 1


def test_two_workers_never_do_the_same_job(boxes: Flask, kinds: dict[str, Run]) -> None:
    done: list[str] = []
    kinds["do"] = done.append
    with boxes.app_context():
        ask(*map(str, range(30)))
    counts = at_once(boxes, 4, lambda _: work_off())
    assert sum(map(int, map(str, counts))) == 30
    assert sorted(map(int, done)) == list(range(30))


def test_a_job_in_hand_is_passed_over_by_the_other_worker(boxes: Flask, kinds: dict[str, Run]) -> None:
    both = Barrier(2, timeout=10)

    def run(_key: str) -> None:
        both.wait()

    kinds["do"] = run
    with boxes.app_context():
        ask("a", "b")
    assert at_once(boxes, 2, lambda _: work_off(limit=1)) == [1, 1]


def test_the_worker_beside_a_server_does_what_comes_and_ends_when_told(boxes: Flask, kinds: dict[str, Run]) -> None:
    done = Event()
    kinds["do"] = lambda _key: done.set()
    with worker(boxes):
        with boxes.app_context():
            ask("a")
        assert done.wait(10)
        before = monotonic()
    assert monotonic() - before < 5
    with boxes.app_context():
        assert found() == [("a", JobState.DONE, 1, "")]


def test_a_worker_outlives_a_database_that_does_not_answer(
    boxes: Flask, kinds: dict[str, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def work_badly(limit: int | None = None) -> int:
        calls.append(limit or 0)
        raise DomainError("busy")

    monkeypatch.setattr(jobs, "work_off", work_badly)
    monkeypatch.setattr(jobs, "LOOK_EVERY_S", 0.01)
    stop = Event()
    thread = Thread(target=jobs.work, args=(boxes, stop))
    thread.start()
    while len(calls) < 3:
        sleep(0.01)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_two_do_not_answer_for_one_kind(kinds: dict[str, Run]) -> None:
    with pytest.raises(ProgrammingMistake, match="two"):
        jobs.job("note")(print)
    jobs.job("other")(print)
    assert kinds["other"] is print
