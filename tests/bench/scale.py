"""Years of a clinic, loaded once: the same rows every time, inserted beneath the product's own guards.

Rows go in through the driver (executemany, COPY); guards and foreign keys stay on, and at the end the product itself
holds shelf and ledger against one another.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate, count, islice
from random import Random
from time import monotonic
from typing import Any, TypeAlias

import psycopg
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url

from clinic.consultations.services.icd import import_icd
from clinic.demo import load as demo
from clinic.demo import places, staff
from clinic.demo.evening import CASES, DOCTORS, REGISTRARS, SHARE
from clinic.kernel import audit, clock, guards
from clinic.kernel.access import Scope
from clinic.kernel.db import Base, db, transaction
from clinic.kernel.migrating import migrate_to_head, newest, owner_connection
from clinic.patients.rules import reversed_phone
from clinic.pharmacy.services.formulary import import_formulary
from clinic.sites.models import Installation, ServicePoint
from inventory.agreements.services import find_or_add_party
from inventory.stock.models import Item
from inventory.stock.queries.ledger import last_movement_id, ledger_differences
from inventory.stock.queries.places import get_shelf_id
from inventory.stock.services.ledger import record_check
from inventory.stock.services.places import open_places
from tests.bench.crowd import Crowd
from tests.clinic.pharmacy.counter import create_medicine

EDITION = 2  # of the rows that this module makes: raised with every change to them
MEDICINES = 24  # kept apart for the bench's own dispenses
SLICE = 50_000
EVENING_VISITS = 213
LINES = 2  # medicines of a prescription

Say: TypeAlias = Callable[[str], None]
Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Size:
    """How many of each there are."""

    patients: int = 153_609
    visits: int = 250_000
    movements: int = 1_000_000
    audit: int = 3_000_000

    @property
    def dispense_lines(self) -> int:
        """What was handed out, lot by lot."""
        return self.visits * LINES

    def over(self, divisor: int) -> "Size":
        """Return a part of everything."""
        return Size(**{name: number // divisor for name, number in self.__dict__.items()})

    @property
    def name(self) -> str:
        """What a database of this size, of this schema and edition, is kept under."""
        return f"scale_{self.patients}_{self.visits}_{self.movements}_{self.audit}_{newest()}_{EDITION}"


FULL = Size()


@dataclass
class Ground:
    """What stands before the rows: whose site, which rooms, people, medicines."""

    scope: Scope
    users: Mapping[str, int]
    points: Mapping[str, int]
    items: list[int]
    shelf_id: int
    donor_id: int


def load(app: Flask, size: Size, say: Say) -> float:
    """Fill `app`'s empty database; return the seconds that it took."""
    began = monotonic()
    migrate_to_head(app)
    with app.app_context(), clock.frozen(demo.OPENING):
        ground = _lay_ground()
        with filling(db.engine, say) as fill:
            for rows in (_people, _visits, _pharmacy, _record):
                rows(fill, ground, size)
        say("  shelf and ledger, guards")
        _ensure_whole(app)
    took = monotonic() - began
    say(f"  loaded in {took:.0f} s")
    return took


def _lay_ground() -> Ground:
    with transaction():
        db.session.add(Installation(id=1, is_demo=True, demo_day=demo.DAY))
        sites = places.create_places()
        users = staff.create_staff(sites, password="set anew by every run")
        clinic = sites[places.CLINIC]
        scope = Scope(clinic.organisation_id, clinic.id, users["samer"])
        with audit.acting_as(scope.user_id):
            with (demo.FILES / "icd.csv").open("rb") as file:
                import_icd(file)
            with (demo.FILES / "formulary.csv").open("rb") as file:
                import_formulary(file)
            open_places(scope)
            donor_id = find_or_add_party("DEMO donor")
        rooms = select(ServicePoint.code, ServicePoint.id).where(ServicePoint.site_id == clinic.id)
        points = dict(db.session.execute(rooms).all())
        items = list(db.session.scalars(select(Item.id).order_by(Item.id)))
        shelf_id = get_shelf_id(scope)
    for number in range(MEDICINES):
        create_medicine(f"benchmycin {number}", code=f"BENCH{number}")
    return Ground(scope, users, points, items, shelf_id, donor_id)


def _ensure_whole(app: Flask) -> None:
    found = ledger_differences()
    with owner_connection(app) as connection:
        found += guards.differences(connection)
    if found:
        raise AssertionError(found[:5])
    with transaction():
        record_check(differences=0, last_movement_id=last_movement_id())


# ---- how rows go in ------------------------------------------------------------------------------------------------


class Filling:
    """Puts rows into tables, slice by slice, and says how far it is."""

    def __init__(self, insert: Callable[[str, list[str], list[Row]], None], say: Say) -> None:
        self._insert, self._say = insert, say

    def __call__(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        """Put all of `rows` into a table; `columns` names what each holds, in order."""
        names, source, began, done = columns.split(), iter(rows), monotonic(), 0
        while chunk := list(islice(source, SLICE)):
            self._insert(table, names, chunk)
            done += len(chunk)
        self._say(f"  {table:<20}{done:>10,} rows {monotonic() - began:6.1f} s")


@contextmanager
def filling(engine: Engine, say: Say) -> Iterator[Filling]:
    """Lend the way into `engine`'s tables, on a connection of its own; afterwards the engine's counters go on."""
    is_sqlite = engine.dialect.name == "sqlite"
    with _sqlite(engine) if is_sqlite else _postgresql(engine) as insert:
        yield Filling(insert, say)


@contextmanager
def _sqlite(engine: Engine) -> Iterator[Callable[[str, list[str], list[Row]], None]]:
    connection = sqlite3.connect(engine.url.database or "", isolation_level=None)
    for pragma in ("foreign_keys=1", "recursive_triggers=1", "synchronous=0", "cache_size=-800000"):
        connection.execute(f"PRAGMA {pragma}")

    def insert(table: str, names: list[str], rows: list[Row]) -> None:
        marks = ", ".join("?" * len(names))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        connection.execute("COMMIT")

    yield insert
    connection.execute("ANALYZE")  # what `clinic nightly` does
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def _postgresql(engine: Engine) -> Iterator[Callable[[str, list[str], list[Row]], None]]:
    address = make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:

        def insert(table: str, names: list[str], rows: list[Row]) -> None:
            with connection.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

        yield insert
        for table in Base.metadata.sorted_tables:
            if "id" in table.c:
                last = f"greatest((SELECT max(id) FROM {table.name}), 1)"  # noqa: S608 - our own names
                series = f"pg_get_serial_sequence('{table.name}', 'id')"
                connection.execute(f"SELECT setval({series}, {last}) WHERE {series} IS NOT NULL")
        connection.execute("VACUUM ANALYZE")  # what the server does by itself within minutes


# ---- rows ----------------------------------------------------------------------------------------------------------


def _chance(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - the same rows every time


def _keys(seed: str) -> Iterator[str]:
    """Yield opaque keys, of the length and the disorder of real ones."""
    chance = _chance(seed)
    while True:
        yield f"{chance.getrandbits(88):022x}"


def _people(fill: Filling, ground: Ground, size: Size) -> None:
    chance, keys = _chance("people"), _keys("patient")
    crowd = Crowd(chance)
    scope, registrars = ground.scope, [ground.users[name] for name in REGISTRARS]
    codes: list[tuple[int, frozenset[str]]] = []
    first = _instant(_evening(size, 0), 0)
    step = (_instant(_evening(size, size.visits - 1), 0) - first) // size.patients

    def people() -> Iterator[Row]:
        for number in range(1, size.patients + 1):
            sex, names = crowd.draw()
            codes.append((number, names.codes))
            phone = f"+905{30 + chance.randrange(30)}{chance.randrange(10**7):07}"
            yield (
                *(number, next(keys), 1, scope.organisation_id, scope.site_id, number),
                *(names.given_ar, names.father_ar, names.family_ar),
                *(names.given_latin, names.father_latin, names.family_latin, "", sex.value),
                *(chance.randint(1940, 2025), chance.randint(1, 12), chance.randint(1, 28), "DAY", ""),
                *("ar", "ar", "TEMPORARY_PROTECTION", "SY", phone, reversed_phone(phone), "Fatih"),
                *(first + number * step, registrars[number % len(registrars)]),
            )

    fill(
        "patient",
        "id key version organisation_id site_id record_number given_ar father_ar family_ar given_latin father_latin "
        "family_latin mother sex birth_year birth_month birth_day birth_precision birth_as_on_document language "
        "label_language legal_status nationality phone phone_reversed district registered_at registered_by_id",
        people(),
    )
    fill(
        "name_code",
        "organisation_id code patient_id",
        ((scope.organisation_id, code, number) for number, found in codes for code in sorted(found)),
    )
    fill(
        "patient_identifier",
        "id organisation_id patient_id system value doubt",
        (
            (number, scope.organisation_id, number, "YKN", f"99{number * 6151 % 10**9:09}", "")
            for number in range(1, size.patients + 1)
            if number % 5
        ),
    )
    fill("counter", "series last", [(f"record:{scope.organisation_id}", size.patients)])


def _evening(size: Size, visit: int) -> date:
    """Return the evening of a visit: each held so many, and the last was the day before the demo's."""
    return demo.DAY - timedelta(days=1 + (size.visits - 1) // EVENING_VISITS - visit // EVENING_VISITS)


def _instant(day: date, seconds: int) -> int:
    return (int(clock.at(day, 17).timestamp()) + seconds) * 1_000_000


@dataclass(frozen=True)
class Came:
    """One visit, as far as later rows need it."""

    id: int
    patient_id: int
    specialty: str
    day: date
    at: int


def _came(size: Size) -> Iterator[Came]:
    """Yield every visit; the same whenever it is asked."""
    chance = _chance("visits")
    names, weights = list(SHARE), list(accumulate(SHARE.values()))
    day, instant = date.min, 0
    for place in range(size.visits):
        if place % EVENING_VISITS == 0:
            day = _evening(size, place)
            instant = _instant(day, 0)
        [specialty] = chance.choices(names, cum_weights=weights)
        at = instant + place % EVENING_VISITS * 67_000_000
        yield Came(place + 1, chance.randint(1, size.patients), specialty, day, at)


def _minutes(number: int) -> int:
    return number * 60_000_000


def _visits(fill: Filling, ground: Ground, size: Size) -> None:
    site, users, points = ground.scope.site_id, ground.users, ground.points
    keys, place_keys, ids = _keys("visit"), _keys("place"), count(1)
    fill(
        "visit",
        "id key site_id patient_id day number reason arrived_at checked_in_by_id language closed_at",
        (
            (
                *(one.id, next(keys), site, one.patient_id, one.day.isoformat(), (one.id - 1) % EVENING_VISITS + 1),
                *("NEW_PROBLEM", one.at, users[REGISTRARS[one.id % len(REGISTRARS)]], "ar", one.at + _minutes(50)),
            )
            for one in _came(size)
        ),
    )

    def stood() -> Iterator[Row]:
        for one in _came(size):
            stops = (
                ("TRIAGE", "derya", 0, 5, 8),
                (one.specialty, DOCTORS[one.specialty], 0, 20, 30),
                ("PHARMACY", "samer", 30, 40, 45),
            )
            for point, who, queued, called, done in stops:
                yield (
                    *(next(ids), next(place_keys), one.id, points[point], "DONE", "ROUTINE", False),
                    *(one.at + _minutes(queued), one.at + _minutes(called), 1, users[who], one.at + _minutes(done)),
                )

    fill(
        "queue_place",
        "id key visit_id service_point_id state priority is_returning queued_at called_at calls served_by_id done_at",
        stood(),
    )
    _notes(fill, ground, size)


def _notes(fill: Filling, ground: Ground, size: Size) -> None:
    keys = _keys("note")
    site, users = ground.scope.site_id, ground.users
    fill(
        "consultation",
        "id key site_id visit_id patient_id specialty_code clinician_id state opened_at signed_at abandoned_because",
        (
            (
                *(one.id, next(keys), site, one.id, one.patient_id, one.specialty, users[DOCTORS[one.specialty]]),
                *("SIGNED", one.at + _minutes(20), one.at + _minutes(30), ""),
            )
            for one in _came(size)
        ),
    )
    fill(
        "note_part",
        "id consultation_id kind text author_id",
        ((one.id, one.id, "COMPLAINT", _case(one).complaint, users[DOCTORS[one.specialty]]) for one in _came(size)),
    )
    fill(
        "diagnosis",
        "id consultation_id patient_id code title case_type position",
        ((one.id, one.id, one.patient_id, _case(one).code, _case(one).complaint, "NEW", 1) for one in _came(size)),
    )


def _case(one: Came) -> Any:  # noqa: ANN401 - the demo's own case
    cases = CASES[one.specialty]
    return cases[one.id % len(cases)]


def _pharmacy(fill: Filling, ground: Ground, size: Size) -> None:
    keys, site, users = _keys("prescription"), ground.scope.site_id, ground.users
    fill(
        "prescription",
        "id key site_id number visit_id patient_id prescriber_id specialty_code signed_at",
        (
            (
                *(one.id, next(keys), site, one.id, one.id, one.patient_id, users[DOCTORS[one.specialty]]),
                *(one.specialty, one.at + _minutes(30)),
            )
            for one in _came(size)
        ),
    )
    fill("counter", "series last", [(f"prescription:{site}", size.visits)])
    fill("consultation_order", "consultation_id prescription_id", ((one, one) for one in range(1, size.visits + 1)))
    ledger = _ledger(ground, size)
    given = ledger.given
    fill(
        "prescription_line",
        "id prescription_id position item_id inn dose_amount dose_unit dose_times is_as_needed food days quantity "
        "indication override_reason",
        (
            (
                *(line, (line - 1) // LINES + 1, (line - 1) % LINES + 1, item, "DEMO medicine", 1, "TABLET"),
                *("MORNING EVENING", False, "ANY", 5, quantity, "", ""),
            )
            for line, (item, _lot, quantity) in enumerate(given, 1)
        ),
    )
    fill(
        "line_progress",
        "line_id prescribed given closed_note",
        ((line, quantity, quantity, "") for line, (_item, _lot, quantity) in enumerate(given, 1)),
    )
    _lay_down(fill, ground, ledger)
    handouts = _keys("dispense")
    fill(
        "dispense",
        "id key site_id prescription_id visit_id patient_id stock_document_id dispensed_at dispensed_by_id day",
        (
            (
                *(one.id, next(handouts), site, one.id, one.id, one.patient_id, ledger.handouts[one.id]),
                *(one.at + _minutes(45), users["samer"], one.day.isoformat()),
            )
            for one in _came(size)
        ),
    )
    fill(
        "dispense_line",
        "id dispense_id line_id lot_id quantity",
        ((line, (line - 1) // LINES + 1, line, lot, quantity) for line, (_item, lot, quantity) in enumerate(given, 1)),
    )


# ---- the ledger ----------------------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """Every movement in the order of time, counted out beforehand so that each balance is its sum."""

    shelf_id: int
    documents: list[tuple[int, str, str, int]] = field(default_factory=list)
    movements: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    lots: list[tuple[int, date]] = field(default_factory=list)
    left: dict[int, int] = field(default_factory=dict)
    handouts: dict[int, int] = field(default_factory=dict)
    given: list[tuple[int, int, int]] = field(default_factory=list)
    _current: dict[int, int] = field(default_factory=dict)

    def document(self, kind: str, reason: str, at: int) -> int:
        """Open a document and return its number."""
        self.documents.append((len(self.documents) + 1, kind, reason, at))
        return len(self.documents)

    def receive(self, item: int, quantity: int, day: date, at: int) -> None:
        """Take a new lot of an item onto the shelf."""
        self.lots.append((item, day + timedelta(days=730)))
        lot = len(self.lots)
        self._current[item], self.left[lot] = lot, quantity
        self.movements.append((self.document("RECEIVE", "DONATION", at), 1, item, lot, quantity))

    def ready(self, item: int, day: date, at: int) -> None:
        """See to it that something of an item lies there, so that what is issued afterwards is one document."""
        if self.left.get(self._current.get(item, 0), 0) == 0:
            self.receive(item, 3000, day, at)

    def issue(self, document: int, line: int, item: int, wanted: int) -> tuple[int, int]:
        """Take so many of an item's lot, or what is left of it; return the lot and how many."""
        lot = self._current[item]
        quantity = min(wanted, self.left[lot])
        self.left[lot] -= quantity
        self.movements.append((document, line, item, lot, -quantity))
        return lot, quantity


def _ledger(ground: Ground, size: Size) -> Ledger:
    """Count out every document: two medicines a visit, and what the rooms use; a lot is used up before the next comes.

    The last movements bring one new lot of every medicine, so that all of them lie there on the demo's evening.
    """
    chance, ledger = _chance("ledger"), Ledger(ground.shelf_id)
    weights = list(accumulate(1 / (place + 4) for place in range(len(ground.items))))
    to_rooms = size.movements - size.dispense_lines - len(ground.items)
    used = 0
    for one in _came(size):
        first, second = _two(chance, ground.items, weights)
        for item in (first, second):
            ledger.ready(item, one.day, one.at)
        ledger.handouts[one.id] = document = ledger.document("ISSUE", "DISPENSE", one.at + _minutes(45))
        for line, item in enumerate((first, second), 1):
            lot, quantity = ledger.issue(document, line, item, chance.choice((10, 14, 20, 30)))
            ledger.given.append((item, lot, quantity))
        # as much of the rooms' use as keeps step with the visits, receipts counted in
        while used + len(ledger.lots) + 8 < to_rooms * one.id // size.visits:
            used += _use(chance, ledger, ground.items, weights, one, 8)
    last = demo.DAY - timedelta(days=1)
    for item in ground.items:
        ledger.receive(item, 20_000, last, _instant(last, 4 * 3600))
    missing = size.movements - len(ledger.movements)
    for number in range(missing):
        item = ground.items[number % len(ground.items)]
        ledger.issue(ledger.document("ISSUE", "CLINIC_USE", _instant(last, 4 * 3600)), 1, item, 1)
    return ledger


def _two(chance: Random, items: list[int], weights: list[float]) -> tuple[int, int]:
    first, second = chance.choices(items, cum_weights=weights, k=2)
    return first, second if second != first else items[(items.index(first) + 1) % len(items)]


def _use(chance: Random, ledger: Ledger, items: list[int], weights: list[float], one: Came, lines: int) -> int:
    chosen = sorted(set(chance.choices(items, cum_weights=weights, k=lines)))
    for item in chosen:
        ledger.ready(item, one.day, one.at)
    document = ledger.document("ISSUE", "CLINIC_USE", one.at + _minutes(46))
    for line, item in enumerate(chosen, 1):
        ledger.issue(document, line, item, chance.randint(1, 5))
    return len(chosen)


def _lay_down(fill: Filling, ground: Ground, ledger: Ledger) -> None:
    site, pharmacist = ground.scope.site_id, ground.users["samer"]
    keys, batch_keys = _keys("document"), _keys("batch")
    batches = [(lot, item, day.isoformat()) for lot, (item, day) in enumerate(ledger.lots, 1)]
    fill(
        "batch",
        "id key item_id batch_no expires_on status status_because",
        ((lot, next(batch_keys), item, f"L{lot}", day, "OK", "") for lot, item, day in batches),
    )
    fill(
        "lot",
        "id batch_id donor_id unit_cost currency",
        ((lot, lot, ground.donor_id, 500, "EUR") for lot, _item, _day in batches),
    )
    fill(
        "stock_document",
        "id key site_id kind occurred_at recorded_at recorded_by_id reason reference note",
        (
            (number, next(keys), site, kind, at, at, pharmacist, reason, "", "")
            for number, kind, reason, at in ledger.documents
        ),
    )
    fill(
        "movement",
        "id document_id line_no item_id lot_id place_id quantity",
        (
            (number, document, line, item, lot, ledger.shelf_id, quantity)
            for number, (document, line, item, lot, quantity) in enumerate(ledger.movements, 1)
        ),
    )
    fill(
        "balance",
        "lot_id place_id quantity is_blocked expires_on",
        ((lot, ledger.shelf_id, ledger.left[lot], False, day) for lot, _item, day in batches),
    )


def _record(fill: Filling, ground: Ground, size: Size) -> None:
    """Write the record of all those evenings: who read and changed what, a dozen rows a visit."""
    chance, users = _chance("record"), sorted(ground.users.values())
    acts = [("READ", "CHART"), ("READ", "PATIENT"), ("CREATE", "queue_place"), ("UPDATE", "queue_place")]
    acts += [("READ", "SEARCH"), ("CREATE", "visit"), ("UPDATE", "visit"), ("CREATE", "consultation")]
    first = _instant(_evening(size, 0), 0)
    step = (_instant(_evening(size, size.visits - 1), 4 * 3600) - first) // size.audit
    with db.engine.connect() as connection:
        start = connection.scalar(select(audit.AuditEvent.id).order_by(audit.AuditEvent.id.desc()).limit(1)) or 0

    def events() -> Iterator[Row]:
        for number in range(size.audit):
            act, table = acts[number % len(acts)]
            who = users[number % len(users)]
            key = f"{chance.getrandbits(88):022x}"
            yield start + number + 1, first + number * step, who, ground.scope.site_id, act, table, key, '""'

    fill("audit_event", "id at actor_id site_id act table_name row_key detail", events())
