"""The acts that are measured, each defined by the rows that exist afterwards; forms are opened beside the watch."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import count, cycle, product

from flask import Flask
from sqlalchemy import select

from clinic.auth.models import User
from clinic.demo.load import DAY
from clinic.demo.people import MEN
from clinic.kernel.access import Scope
from clinic.kernel.audit import acting_as
from clinic.kernel.db import db, transaction
from clinic.patients.models import Patient
from clinic.patients.rules import Sex
from clinic.pharmacy.models import Prescription
from clinic.sites.models import ServicePoint, Site
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import VisitReason
from inventory.stock.models import Item
from inventory.stock.services import Delivered, receive
from tests.bench.crowd import families
from tests.bench.visiting import Visitor

BOARD = 50
COMMON = 40
WORDS = ("Khaled Haddad", "محمد الحريري", "Halit", "Fatma", "نور قاسم", "Moham", "Rima Barazi", "Zeynep Cemal", "Darw")
VITALS = {
    "temperature": "36.8",
    "respiration": "16",
    "pulse": "76",
    "oxygen": "98",
    "systolic": "124",
    "diastolic": "78",
    "weight": "74",
    "oxygen_given": "no",
    "consciousness": "ALERT",
    "allergy": "ABSENT",
    "priority": "ROUTINE",
}


@dataclass(frozen=True)
class Job:
    """One thing to be done: the keys and words that it takes."""

    visit: str = ""
    triage: str = ""
    item_id: int = 0
    words: Mapping[str, str] | None = None


class Evening:
    """The clinic of a run, where what an act needs is arranged through the product's own services."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._patients = self._someone()
        self._lots = count(1)
        self._stocked: set[int] = set()
        self._names = product(MEN, families()[:COMMON])

    @cached_property
    def users(self) -> dict[str, int]:
        """The ids of the demo's people by account name."""
        return dict(db.session.execute(select(User.username, User.id)).all())

    @cached_property
    def points(self) -> dict[str, int]:
        """The ids of the clinic's rooms by code."""
        rows = select(ServicePoint.code, ServicePoint.id).join(Site, Site.id == ServicePoint.site_id)
        return dict(db.session.execute(rows.where(Site.code == "FATIH")).all())

    def scope(self, username: str) -> Scope:
        """Return what someone sees at the clinic."""
        site = db.session.scalars(select(Site).where(Site.code == "FATIH")).one()
        return Scope(site.organisation_id, site.id, self.users[username])

    def nothing(self, number: int) -> list[Job]:
        """Arrange nothing."""
        return [Job()] * number

    def sought(self, number: int) -> list[Job]:
        """Arrange what is typed into the box."""
        return [Job(words={"words": words}) for words, _ in zip(cycle(WORDS), range(number), strict=False)]

    def strangers(self, number: int) -> list[Job]:
        """Arrange people with common names, born when nobody on file was."""
        found: list[Job] = []
        for _ in range(number):
            (given_ar, given), (family_ar, family) = next(self._names)
            told = {"given": given_ar, "family": family_ar, "other_spelling": f"{given} {family}", "only": "1"}
            born = f"{len(found) % 28 + 1}.5.193{len(found) % 5}"
            found.append(Job(words={**told, "sex": "MALE", "speaks": "ar", "born": born, "why": "NEW_PROBLEM"}))
        return found

    def waiting(self, number: int) -> list[Job]:
        """Arrange a full board, and pages to be asked."""
        self.arrivals(BOARD)
        return [Job()] * number

    def cards(self, number: int) -> list[Job]:
        """Arrange the cards of the medicines that moved most."""
        with self._app.app_context():
            keys = db.session.scalars(select(Item.key).order_by(Item.id).limit(8)).all()
        return [Job(visit=key) for key, _ in zip(cycle(keys), range(number), strict=False)]

    def called(self, number: int) -> list[Job]:
        """Arrange a person for each job who was called by the general practitioner, and waits at triage still."""
        jobs = self.arrivals(number)
        with self._app.app_context():
            doctor = self.scope("gp")
            for job in jobs:
                place = select(QueuePlace.key).join(Visit, Visit.id == QueuePlace.visit_id)
                place = place.where(Visit.key == job.visit, QueuePlace.service_point_id == self.points["GP"])
                with transaction(), acting_as(doctor.user_id):
                    visits.call(doctor, db.session.scalars(place).one())
        return jobs

    def charts(self, number: int) -> list[Job]:
        """Arrange some who were called, each opened again and again."""
        jobs = self.called(min(number, 10))
        return [job for job, _ in zip(cycle(jobs), range(number), strict=False)]

    def treated(self, number: int) -> list[Job]:
        """Arrange who gets a medicine of which two lots lie there, so that every dispense takes some of both."""
        jobs = self.called(number)
        with self._app.app_context():
            pharmacist = self.scope("samer")
            items = db.session.scalars(select(Item.id).where(Item.code.startswith("BENCH")).order_by(Item.id)).all()
            jobs = [Job(visit=job.visit, item_id=items[place % len(items)]) for place, job in enumerate(jobs)]
            for item_id in items:
                wanted = sum(job.item_id == item_id for job in jobs)
                lots = ([] if item_id in self._stocked else [15]) + [30] * wanted
                self._stocked.add(item_id)
                delivered = [self._delivered(item_id, quantity) for quantity in lots if wanted]
                if delivered:
                    with transaction(), acting_as(pharmacist.user_id):
                        receive(pharmacist, delivered, donor="DEMO donor")
        return jobs

    def prescription_of(self, visit: str) -> str:
        """Return the key of what was prescribed on a visit."""
        rows = select(Prescription.key).join(Visit, Visit.id == Prescription.visit_id).where(Visit.key == visit)
        with self._app.app_context():
            return db.session.scalars(rows).one()

    def _delivered(self, item_id: int, quantity: int) -> Delivered:
        number = next(self._lots)
        expires_on = DAY + timedelta(days=200 + number)
        return Delivered(item_id=item_id, batch_no=f"B{number}", expires_on=expires_on, quantity=quantity)

    def arrivals(self, number: int) -> list[Job]:
        """Check people in who are on file with a history: grown men, so that the nurse's questions are the same."""
        with self._app.app_context():
            registrar, gp, jobs = self.scope("meryem"), self.points["GP"], []
            for _ in range(number):
                with transaction(), acting_as(registrar.user_id):
                    visit_id = visits.check_in(
                        registrar, patient_id=next(self._patients), point_id=gp, reason=VisitReason.NEW_PROBLEM
                    )
                rows = select(Visit.key, QueuePlace.key).join(QueuePlace, QueuePlace.visit_id == Visit.id)
                triage = QueuePlace.service_point_id == self.points["TRIAGE"]
                visit, place = db.session.execute(rows.where(Visit.id == visit_id, triage)).one()
                jobs.append(Job(visit=visit, triage=place))
        return jobs

    def _someone(self) -> Iterator[int]:
        with self._app.app_context():
            grown = (Patient.sex == Sex.MALE, Patient.birth_year < 2000)
            found = db.session.scalars(select(Patient.id).where(*grown).order_by(Patient.id).limit(4000)).all()
        yield from found


class Staff:
    """Whoever sits at one client, each signed in once when first needed."""

    def __init__(self, evening: Evening, browser: Callable[[], Visitor]) -> None:
        self.evening = evening
        self._browser, self._people = browser, dict[str, Visitor]()

    def __getitem__(self, username: str) -> Visitor:
        if username not in self._people:
            visitor = self._browser()
            visitor.sign_in(username)
            self._people[username] = visitor
        return self._people[username]

    def leave(self) -> None:
        """Let go of every connection."""
        for one in self._people.values():
            one.leave()

    def taken(self) -> tuple[float, int]:
        """Return the seconds and statements since this was last asked."""
        found = (sum(one.spent for one in self._people.values()), sum(one.told for one in self._people.values()))
        for one in self._people.values():
            one.spent, one.told = 0.0, 0
        return found


@dataclass(frozen=True)
class Act:
    """One operation: who must exist for it, and how it is done."""

    name: str
    arrange: Callable[[Evening, int], list[Job]]
    do: Callable[[Staff, Job], None]
    peer: str = ""  # what performance.md calls it, where it is measured there


def _register(staff: Staff, job: Job) -> None:
    staff["meryem"].post("/registration/new", job.words or {})


def _search(staff: Staff, job: Job) -> None:
    visitor = staff["meryem"]
    visitor.get(visitor.post("/registration/search", job.words or {}))


def _board(staff: Staff, _job: Job) -> None:
    staff["derya"].get("/triage")


def _stock(staff: Staff, _job: Job) -> None:
    staff["samer"].get("/stock")


def _card(staff: Staff, job: Job) -> None:
    staff["samer"].get(f"/stock/{job.visit}")


def _chart(staff: Staff, job: Job) -> None:
    staff["gp"].get(f"/desk/{job.visit}")


def _consult(staff: Staff, job: Job) -> None:
    staff["derya"].post(f"/triage/{job.triage}", VITALS)
    note = {"version": "0", "complaint": "Cough 4 days", "plan": "Rest", "chosen": "J06.9", "case-J06.9": "NEW"}
    staff["gp"].post(f"/desk/{job.visit}/sign", note)


def _prescribe(staff: Staff, job: Job) -> None:
    note = {"version": "0", "complaint": "Cough 4 days", "chosen": "J06.9", "case-J06.9": "NEW"}
    line = {"item": str(job.item_id), "unit": "CAPSULE", "inn": "", "amount": "1", "days": "30", "food": "ANY"}
    basket = {"line": "a", **{f"a-{name}": value for name, value in line.items()}, "a-times": "MORNING"}
    staff["gp"].post(f"/desk/{job.visit}/sign", {**note, **basket})


def _prescribe_and_dispense(staff: Staff, job: Job) -> None:
    _prescribe(staff, job)
    address = f"/pharmacy/{staff.evening.prescription_of(job.visit)}"
    counter = staff["samer"]
    counter.post(address, counter.fields(address, action=address))


ACTS = (
    Act("register", Evening.strangers, _register, "register"),
    Act("search", Evening.sought, _search, "search"),
    Act("queue board, 50", Evening.waiting, _board, "list of 50"),
    Act("stock list", Evening.nothing, _stock),
    Act("stock card", Evening.cards, _card),
    Act("open chart", Evening.charts, _chart, "open chart"),
    Act("consultation signed", Evening.called, _consult, "consultation"),
    Act("prescribe + dispense", Evening.treated, _prescribe_and_dispense, "prescribe + dispense"),
)
