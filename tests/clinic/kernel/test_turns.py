import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from clinic.kernel.db import db
from clinic.kernel.errors import Busy
from clinic.kernel.turns import Turns, write_queue
from tests.clinic.kernel.boxes import at_once, create_box, take_one

HOLD = """
import fcntl, os, sys, time
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(descriptor, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "clinic.sqlite3-turn")


@contextmanager
def foreign_holder(path: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Let another process hold the file's lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE)  # noqa: S603 - our own words
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def wait_until_in_line(turns: Turns, number: int) -> None:
    deadline = monotonic() + 10
    while len(turns._waiting) < number and monotonic() < deadline:
        sleep(0.001)


def test_writers_come_in_the_order_in_which_they_asked(path: str) -> None:
    turns, came = Turns(path), list[int]()

    def write(number: int) -> None:
        with turns.turn(10):
            came.append(number)

    writers = [Thread(target=write, args=(number,)) for number in range(6)]
    with turns.turn(10):
        for number, writer in enumerate(writers):
            writer.start()
            wait_until_in_line(turns, number + 1)
    for writer in writers:
        writer.join()
    assert came == [0, 1, 2, 3, 4, 5]


def test_who_waits_too_long_is_told_so_and_those_behind_still_come(path: str) -> None:
    turns = Turns(path)
    with turns.turn(10):
        with pytest.raises(Busy) as refusal, turns.turn(0.05):
            pass
        assert refusal.value.status == 503
    with turns.turn(0.05):
        pass


def test_a_refusal_inside_gives_the_turn_back(path: str) -> None:
    turns = Turns(path)
    with pytest.raises(ZeroDivisionError), turns.turn(1):
        raise ZeroDivisionError
    with turns.turn(0.05):
        pass


def test_a_stopped_process_makes_all_busy_each_within_the_limit_and_one_thread_waits_on(path: str) -> None:
    turns = Turns(path)
    with foreign_holder(path) as holder:
        os.kill(holder.pid, signal.SIGSTOP)
        started = monotonic()
        for _ in range(4):
            with pytest.raises(Busy), turns.turn(0.1):
                pass
        assert monotonic() - started < 5
        grab = turns._grab
        assert grab is not None
        os.kill(holder.pid, signal.SIGKILL)
        with turns.turn(10):
            assert turns._grab is None
    with turns.turn(0.5):
        pass


def test_a_lock_that_comes_when_nobody_waits_any_more_is_let_go(path: str) -> None:
    turns, others = Turns(path), Turns(path)
    with foreign_holder(path), pytest.raises(Busy), turns.turn(0.05):
        pass
    with others.turn(10):
        pass


def test_a_killed_holder_frees_the_turn(path: str) -> None:
    turns = Turns(path)
    came = Event()

    def write() -> None:
        with turns.turn(10):
            came.set()

    with foreign_holder(path) as holder:
        writer = Thread(target=write)
        writer.start()
        assert not came.wait(0.05)
        holder.kill()
        assert came.wait(10)
        writer.join()


def test_two_names_of_one_file_are_one_queue(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").symlink_to(tmp_path / "here")
    engines = [create_engine(f"sqlite:///{tmp_path}/{name}/clinic.sqlite3") for name in ("here", "there")]
    with write_queue(engines[0]), pytest.raises(Busy), write_queue(engines[1], 0.05):
        pass


@pytest.mark.only_on("sqlite")
def test_a_foreign_tool_that_holds_the_database_itself_makes_a_writer_busy(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box()
        foreign = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        db.session.execute(text("PRAGMA busy_timeout = 50"))
        with pytest.raises(Busy):
            take_one(box_id)
        foreign.execute("ROLLBACK")
        foreign.close()
        take_one(box_id)


@pytest.mark.postgres
def test_eight_writers_each_get_their_turn(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box(units=80)

    def take_ten(_: int) -> None:
        for _ in range(10):
            take_one(box_id)

    assert at_once(boxes, 8, take_ten) == [None] * 8


TAKE = """
import sys
from clinic.app import create_app
from clinic.config import read_settings
from tests.clinic.kernel.boxes import Short, at_once, take_one

app = create_app(read_settings(), DATABASE_IS_DURABLE=False)
print("ready", flush=True)
sys.stdin.readline()
results = at_once(app, 10, lambda _: take_one(int(sys.argv[1])))
print(results.count(None), sum(isinstance(result, Short) for result in results))
"""


@pytest.mark.postgres
def test_twenty_in_two_processes_who_want_one_of_five_get_five(boxes: Flask) -> None:
    with boxes.app_context():
        box_id = create_box(units=5)
    settings = boxes.config["CLINIC"]
    environ = {
        "CLINIC_DATABASE_URL": settings.database_url,
        "CLINIC_INSTANCE": str(settings.instance),
        "CLINIC_KEY_DIR": str(settings.key_dir),
        "PYTHONPATH": str(Path.cwd()),
    }
    command = [sys.executable, "-c", TAKE, str(box_id)]
    processes = [
        subprocess.Popen(command, env={**os.environ, **environ}, stdin=PIPE, stdout=PIPE, text=True)  # noqa: S603
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    told = [process.communicate("go\n", timeout=30)[0].split() for process in processes]
    assert sum(int(taken) for taken, _ in told) == 5
    assert sum(int(refused) for _, refused in told) == 15
