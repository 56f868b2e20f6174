"""The demo evening played on through HTTP: fifteen people at their desks, faster than life.

    python -m tests.bench.replay [--speed 20] [--minutes 120] [--engine sqlite|postgresql]

Each works as fast as the source's evening asks, divided by the speed: an arrival every 67 seconds, 5.6 minutes a
consultation, 84 seconds a prescription. Prints what each kind of request took, and every answer that failed.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from time import monotonic, perf_counter

from flask import Flask
from sqlalchemy import select

from clinic.app import create_app
from clinic.config import make_key, read_settings
from clinic.demo import load
from clinic.demo.people import MEN
from clinic.kernel import migrating
from clinic.kernel.db import db
from clinic.pharmacy.queries.formulary import get_medicines
from inventory.stock.models import Item
from tests.bench.acts import VITALS
from tests.bench.crowd import families
from tests.bench.engines import Postgresql, open_engine
from tests.bench.serving import serving
from tests.bench.visiting import PASSWORD, Refused, Wire

REGISTRARS = ("meryem", "ayse", "omar", "salma")
NURSES = ("derya", "khadija")
DOCTORS = ("gp", "rana", "gyn", "internist", "surgeon")
ARRIVAL_S, TRIAGE_S, CONSULTATION_S, PRESCRIPTION_S, SPECIMEN_S, LOOK_S = 67, 120, 336, 84, 240, 60
FAILED = 500
P95 = 95
_KEY = re.compile(r"/[A-Za-z0-9_-]{22}(?=/|$)")


@dataclass
class Account:
    """What was asked, how long each answer took in milliseconds, what failed, and what the desks refused in words."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lock: Lock = field(default_factory=Lock)


class Person(Wire):
    """Somebody at a desk, whose every request goes into the account."""

    def __init__(self, port: int, account: Account, username: str) -> None:
        super().__init__(port)
        self.account, self.username = account, username

    def send(self, path: str, data: Mapping[str, str] | None) -> tuple[int, str, str]:
        name = f"{'GET' if data is None else 'POST'} {_KEY.sub('/…', path.split('?', maxsplit=1)[0])}"
        began = perf_counter()
        answer = super().send(path, data)
        with self.account.lock:
            self.account.took[name].append(1000 * (perf_counter() - began))
            if answer[0] >= FAILED:
                self.account.failed.append(f"{name} answered {answer[0]}")
        return answer

    def did(self, what: str) -> None:
        """Count something that was finished."""
        with self.account.lock:
            self.account.done[what] += 1


Turn = Callable[[Person], None]


class Desks:
    """What each kind of person does in one turn, with what the product's own pages offer at that moment."""

    def __init__(self, item_id: int, unit: str) -> None:
        self._names = product(MEN, families())
        self._turns, self._lock = count(1), Lock()
        self._medicine = {"item": str(item_id), "unit": unit, "inn": "", "amount": "1", "days": "5", "food": "ANY"}

    def register(self, person: Person) -> None:
        """Put a stranger on file and check them in."""
        with self._lock:
            ((given_ar, given), (family_ar, family)), number = next(self._names), next(self._turns)
        page = person.get("/registration/new")
        points = re.findall(r'name="point"[^>]*value="([^"]+)"', page)
        told = {"given": given_ar, "family": family_ar, "other_spelling": f"{given} {family}", "speaks": "ar"}
        born = {"sex": "MALE", "born": f"{number % 28 + 1}.{number % 12 + 1}.{1940 + number % 40}"}
        person.post("/registration/new", {**told, **born, "why": "NEW_PROBLEM", "point": points[number % len(points)]})
        person.did("registered")

    def measure(self, person: Person) -> None:
        """Measure whoever is next; one about whom the desk asks back is left to wait."""
        keys = re.findall(r'href="/triage/([A-Za-z0-9_-]{22})"', person.get("/triage"))
        for key in dict.fromkeys(keys):
            page = person.get(f"/triage/{key}")
            version = re.search(r'name="version" value="(\d+)"', page)
            if _is_child(page):
                continue
            person.post(f"/triage/{key}", VITALS | ({"version": version[1]} if version else {}))
            person.did("measured")
            return

    def consult(self, person: Person) -> None:
        """Call the next person, write, and sign with a medicine, or send every fifth to the laboratory first."""
        fields = person.fields("/desk", action="/desk/call") if "/desk/call" in person.get("/desk") else None
        if fields is None:
            return
        visit = person.post("/desk/call", {"at": fields["at"]})
        page = person.get(visit)
        version = re.search(r'name="version" value="(\d+)"', page)
        note = {"version": version[1] if version else "0", "complaint": "Cough 4 days", "plan": "Rest"}
        person.post(f"{visit}/draft", {**note, "do": "keep"})
        with self._lock:
            turn = next(self._turns)
        if turn % 5 == 0 and "lab-" not in page:
            person.post(f"{visit}/tests", {"tests": "HGB"})
            person.did("sent to the laboratory")
            return
        again = re.search(r'name="version" value="(\d+)"', person.get(visit))
        chosen = {"chosen": "J06.9", "case-J06.9": "NEW", "version": again[1] if again else "1"}
        line = {"line": "a", **{f"a-{name}": value for name, value in self._medicine.items()}, "a-times": "MORNING"}
        person.post(f"{visit}/sign", {**note, **chosen, **line})
        person.did("consulted")

    def hand_out(self, person: Person) -> None:
        """Hand out what the first in the queue waits for."""
        keys = re.findall(r'href="(/pharmacy/[A-Za-z0-9_-]{22})"', person.get("/pharmacy"))
        if keys:
            person.post(keys[0], person.fields(keys[0], action=keys[0]))
            person.did("handed out")

    def examine(self, person: Person) -> None:
        """Do the next step of the oldest order."""
        found = re.search(r'href="(/laboratory/[A-Za-z0-9_-]{22})"', person.get("/laboratory"))
        if found is None:
            return
        page, address = person.get(found[1]), found[1]
        untold = re.search(rf'action="({re.escape(address)}/results/[^"]+/told)"', page)
        values = re.findall(r'<(input|select)[^>]*name="(value-[^"]+)"', page)
        if untold:
            hidden = person.fields(address, action=untold[1])
            person.post(untold[1], {**hidden, f"{untold[1].split('/')[-2]}-told": "the doctor"})
        elif 'form="collect"' in page:
            person.post(f"{address}/collect", {})
        elif 'form="receive"' in page:
            person.post(f"{address}/receive", {})
        elif 'form="results"' in page:
            if re.search(r'btn-primary[^>]*form="results"', page):
                answers = {name: "12" if kind == "input" else "NEGATIVE" for kind, name in values}
                person.post(f"{address}/results", person.fields(address, action=f"{address}/results") | answers)
            person.post(f"{address}/verify", person.fields(address, action=f"{address}/verify"))
            person.did("examined")

    def look(self, person: Person) -> None:
        """Look at tonight."""
        person.get("/tonight")

    def interpret(self, person: Person) -> None:
        """Look at who speaks what."""
        person.get("/interpreting")


def _is_child(page: str) -> bool:
    return 'name="length"' in page or 'name="head"' in page or 'id="signs-asked"' in page


def play(port: int, desks: Desks, *, speed: float, seconds: float) -> Account:
    """Let everybody work for so many seconds of real time, and return the account."""
    account, stop = Account(), Event()
    shifts: list[tuple[str, Turn, float]] = [
        *((name, desks.register, ARRIVAL_S * len(REGISTRARS)) for name in REGISTRARS),
        *((name, desks.measure, TRIAGE_S) for name in NURSES),
        *((name, desks.consult, CONSULTATION_S) for name in DOCTORS),
        ("samer", desks.hand_out, PRESCRIPTION_S),
        ("nurse3", desks.examine, SPECIMEN_S),
        ("melis", desks.look, LOOK_S),
        ("ebru", desks.interpret, LOOK_S),
    ]
    threads = [
        Thread(target=_work, args=(Person(port, account, name), turn, every / speed, stop), name=name)
        for name, turn, every in shifts
    ]
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return account


def _work(person: Person, turn: Turn, every: float, stop: Event) -> None:
    person.sign_in(person.username)
    while not stop.is_set():
        began = monotonic()
        try:
            turn(person)
        except Refused as refusal:
            with person.account.lock:
                person.account.refused[f"{person.username}: {_KEY.sub('/…', str(refusal).split(':')[0])}"] += 1
        except (OSError, KeyError, StopIteration) as error:
            with person.account.lock:
                person.account.failed.append(f"{person.username}: {type(error).__name__}: {error}")
        stop.wait(max(0.0, every - (monotonic() - began)))
    person.leave()


def told(account: Account) -> Iterator[str]:
    """Yield the lines of the account: each kind of request, then all, then what failed."""
    everything = [one for took in account.took.values() for one in took]
    rows = [*sorted(account.took.items()), ("all", everything)]
    yield f"{'request':<46}{'count':>7}{'p50 ms':>9}{'p95 ms':>9}{'most':>9}"
    for name, took in rows:
        middle, most = quantiles(took, n=100)[49] if len(took) > 1 else took[0], max(took)
        high = quantiles(took, n=100)[P95 - 1] if len(took) > 1 else took[0]
        yield f"{name:<46}{len(took):>7}{middle:>9.1f}{high:>9.1f}{most:>9.1f}"
    yield f"done: {', '.join(f'{what} {number}' for what, number in sorted(account.done.items()))}"
    yield f"failed: {len(account.failed)} {account.failed[:5]}"
    yield f"refused in words: {dict(account.refused)}"


@contextmanager
def evening(engine_name: str, folder: Path) -> Iterator[tuple[int, Desks]]:
    """Serve the demo's evening from a database of its own on one engine."""
    engine = open_engine(engine_name, folder)
    make_key(folder / "keys")
    (folder / "instance").mkdir(exist_ok=True)
    name = "replay"
    url = engine.building(name)
    settings = read_settings(
        {
            "CLINIC_DATABASE_URL": url,
            "CLINIC_INSTANCE": str(folder / "instance"),
            "CLINIC_KEY_DIR": str(folder / "keys"),
        }
    )
    app = create_app(settings)
    migrating.migrate_to_head(app)
    with app.app_context():
        load.load(say=lambda _: None)
        load.open_accounts(PASSWORD)
        desks = Desks(*_paracetamol())
    load.start_clock(app)
    _let_go(app)
    with serving(engine, settings, folder / "server.log") as server:
        yield server.port, desks
    if isinstance(engine, Postgresql):
        engine.keep(name)


def _paracetamol() -> tuple[int, str]:
    item_id = db.session.scalars(select(Item.id).where(Item.code == "PARA500")).one()
    return item_id, get_medicines([item_id])[item_id].dose_unit


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def main(arguments: list[str]) -> None:
    """Play, and print the account."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.replay", description="The demo evening played on.")
    parser.add_argument("--speed", type=float, default=20)
    parser.add_argument("--minutes", type=float, default=120, help="of the evening")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory() as folder, evening(asked.engine, Path(folder)) as (port, desks):
        account = play(port, desks, speed=asked.speed, seconds=60 * asked.minutes / asked.speed)
    sys.stdout.write("\n".join(told(account)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
