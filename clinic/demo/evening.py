"""The demo's evening from 17:00 to 18:40, and the visits before it: each act through the product's own services.

Nobody is put anywhere by hand: people are registered, checked in, measured, called, written about and handed their
medicines at the instant when it would have happened, so that at 18:40 someone waits at every desk.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from sqlalchemy import select

from clinic.chart import services as chart
from clinic.chart.rules import AllergyGroup, PregnancySource, Severity, ToldBy
from clinic.consultations import services as consultations
from clinic.consultations.rules import CaseType, Content, DraftDiagnosis, DraftLine, PartKind
from clinic.demo.people import Invented, invent, serials
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.lab import queries as bench
from clinic.lab import services as lab
from clinic.lab.rules import Step, Told
from clinic.nursing.rules import ContactKind
from clinic.nursing.services import sign_contact
from clinic.patients import services as patients
from clinic.pharmacy import services as pharmacy
from clinic.pharmacy.models import Prescription
from clinic.pharmacy.queries.formulary import get_medicines
from clinic.pharmacy.queries.lines import get_prescription
from clinic.pharmacy.queries.plans import plan_lines
from clinic.pharmacy.rules import Dose, Food, TimeOfDay
from clinic.pharmacy.services import Handed, NewLine, Rest
from clinic.sites.queries import get_point_of
from clinic.sites.rules import PointKind
from clinic.specialties.queries import list_desks
from clinic.visits import services as visits
from clinic.visits.models import QueuePlace, Visit
from clinic.visits.rules import BegunKind, Priority, VisitReason, Vital
from inventory.stock.models import Item

SEED = 20261124
ARRIVE_EVERY = timedelta(seconds=70)
HISTORY = 24  # people who came on one of the evenings before

LAST_BUT_FOUR = (
    "INT",
    "SUR",
    "GYN",
    "INT",
    "SUR",
    "GYN",
    "PED",
    "INT",
    "SUR",
    "GP",
    "GYN",
)  # so that someone waits for each doctor

PACE = {"GP": 5.2, "PED": 6.1, "GYN": 7.0, "INT": 5.8, "SUR": 6.4}  # minutes a person
SHARE = {"GP": 34, "PED": 28, "GYN": 14, "INT": 15, "SUR": 9}  # of a hundred arrivals
DOCTORS = {"GP": "gp", "PED": "rana", "GYN": "gyn", "INT": "internist", "SUR": "surgeon"}
REGISTRARS, NURSES = ("meryem", "ayse", "omar", "salma"), ("derya", "khadija")
LABORATORY = ("nurse3", "huda")
TRIAGE_MINUTES, PHARMACY_SECONDS = 2, 84
TAKING_MINUTES, EXAMINING_MINUTES = 4, 20


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How a medicine is taken, but for the unit, which follows from the medicine."""

    amount: Decimal = Decimal(1)
    times: tuple[TimeOfDay, ...] = ()
    is_as_needed: bool = False
    max_per_day: int | None = None
    food: Food = Food.ANY
    days: int


@dataclass(frozen=True)
class Case:
    """What a person comes with: the note, its diagnosis, the medicines, and what the laboratory will find."""

    complaint: str
    findings: str
    plan: str
    code: str
    medicines: tuple[tuple[str, Taken], ...] = ()
    tests: tuple[tuple[str, Told], ...] = ()


_MORNING, _NOON, _EVENING, _NIGHT = TimeOfDay
_THRICE = (_MORNING, _NOON, _EVENING)
CASES = {
    "GP": (
        Case(
            "Sore throat, 3 days.",
            "Throat red, no exudate.",
            "Fluids, rest.",
            "J02.9",
            (("PARA500", Taken(is_as_needed=True, max_per_day=4, days=3)),),
        ),
        Case(
            "Back pain after lifting.",
            "No deficit.",
            "Keep moving.",
            "M54.5",
            (
                ("IBU400", Taken(times=_THRICE, days=5, food=Food.AFTER)),
                ("PARA500", Taken(is_as_needed=True, max_per_day=4, days=5)),
            ),
        ),
        Case(
            "Burning urine, 2 days.",
            "No fever, no loin pain.",
            "Drink more.",
            "N39.0",
            (("FOS3", Taken(times=(_EVENING,), days=1)),),
            (("ULEU", Told(words=Step.TWO)), ("UNIT", Told(words=Step.POSITIVE))),
        ),
        Case(
            "Itching at night, whole family.",
            "Burrows between fingers.",
            "Treat all at home.",
            "B86",
            (("PERM5", Taken(times=(_NIGHT,), days=1)),),
        ),
    ),
    "PED": (
        Case("Runny nose, cough, 2 days.", "Alert, chest clear.", "Return if fast breathing.", "J06.9"),
        Case(
            "Loose stools since yesterday.",
            "Drinks eagerly, no sunken eyes.",
            "Continue feeding.",
            "A09",
            (("ORS", Taken(times=_THRICE, days=3)),),
        ),
    ),
    "GYN": (
        Case(
            "Discharge, itching.",
            "No pelvic tenderness.",
            "Return if fever.",
            "N76.0",
            (("CLOVAG", Taken(times=(_NIGHT,), days=1)),),
        ),
        Case(
            "Antenatal visit.",
            "Fundus fits dates.",
            "Iron daily.",
            "Z34.9",
            (
                ("FEFOL", Taken(times=(_MORNING,), days=30, food=Food.BEFORE)),
                ("CALC500", Taken(times=(_NOON, _NIGHT), days=30, food=Food.WITH)),
            ),
            (("HGB", Told(number=Decimal("10.4"))), ("UPROT", Told(words=Step.NEGATIVE))),
        ),
    ),
    "INT": (
        Case(
            "Pressure check.",
            "145/90, heart regular.",
            "Less salt, walk.",
            "I10",
            (("AML5", Taken(times=(_MORNING,), days=30)),),
        ),
        Case(
            "Sugar check.",
            "Feet fine.",
            "Diet explained.",
            "E11.9",
            (
                ("MET850", Taken(times=(_MORNING, _EVENING), days=30, food=Food.WITH)),
                ("AML5", Taken(times=(_MORNING,), days=30)),
            ),
            (
                ("GLUR", Told(number=Decimal(212))),
                ("CREA", Told(number=Decimal("1.1"))),
                ("POT", Told(number=Decimal("6.4"))),
            ),
        ),
    ),
    "SUR": (
        Case("Cut on the hand, yesterday.", "Clean edges, no deep injury.", "Dressing in two days.", "T14.1"),
        Case(
            "Boil on the back.",
            "Fluctuating, 2 cm, opened.",
            "Keep dry.",
            "L02.9",
            (
                ("AMX500", Taken(times=(_MORNING, _NOON, _NIGHT), days=7, food=Food.AFTER)),
                ("PARA500", Taken(is_as_needed=True, max_per_day=4, days=3)),
            ),
        ),
    ),
}


@dataclass
class Person:
    """Someone on the way through an evening."""

    invented: Invented
    specialty: str
    case: Case
    patient_id: int | None = None
    visit_id: int = 0
    tags: frozenset[str] = field(default_factory=frozenset)


def hold(
    clinic: Scope, users: Mapping[str, int], *, tonight: date, until: datetime, say: Callable[[str], None]
) -> None:
    """Let the evenings before and tonight's first hours take place, up to `until`."""
    chance = Random(SEED)
    numbers = serials()
    say("  the evenings before")
    known = []
    for back in (21, 14, 7, 1):
        day = tonight - timedelta(days=back)
        evening = Evening(clinic, users, chance, day, until=clock.at(day, 20, 59))
        people = [_someone(chance, day, numbers) for _ in range(HISTORY // 4)]
        evening.take_in(people, every=timedelta(minutes=11))
        evening.run()
        known += people
    say("  tonight, from 17:00 to 18:40")
    evening = Evening(clinic, users, chance, tonight, until=until)
    arrivals = (until - clock.at(tonight, 17)) // ARRIVE_EVERY
    people = [_someone(chance, tonight, numbers) for _ in range(arrivals)]
    for place, old in zip(range(2, arrivals, 4), known, strict=False):
        people[place] = Person(old.invented, old.specialty, old.case, patient_id=old.patient_id)
    for place, specialty in enumerate(LAST_BUT_FOUR, start=arrivals - len(LAST_BUT_FOUR) - 4):
        people[place] = _someone(chance, tonight, numbers, specialty)
    _mark(people)
    evening.take_in(people, every=ARRIVE_EVERY)
    evening.run()


def _someone(chance: Random, day: date, numbers: Iterator[int], specialty: str = "") -> Person:
    specialty = specialty or chance.choices(list(SHARE), list(SHARE.values()))[0]
    return Person(invent(chance, specialty, day, numbers), specialty, chance.choice(CASES[specialty]))


def _mark(people: list[Person]) -> None:
    """Give the evening what every desk must be able to stop on: an allergy, pregnancies, an emergency."""
    late = people[len(people) // 2 :]
    next(one for one in late if one.specialty == "GP").tags = frozenset({"penicillin"})
    next(one for one in late if one.specialty == "PED").tags = frozenset({"emergency"})
    for one in people:
        if one.specialty == "GYN" and one.case.code == "Z34.9":
            one.tags = frozenset({"pregnant"})


class Evening:
    """One evening's agenda: acts at their instants, by the person who does each, in the order of time."""

    def __init__(self, clinic: Scope, users: Mapping[str, int], chance: Random, day: date, *, until: datetime) -> None:
        self.clinic, self.users, self.chance, self.day, self.until = clinic, users, chance, day, until
        self.opening = clock.at(day, 17)
        self.points = {desk.specialty_code: desk.point_id for desk in list_desks(clinic)}
        self.triage = get_point_of(clinic, PointKind.TRIAGE).id
        codes = {code: item_id for item_id, code in db.session.execute(select(Item.id, Item.code))}
        medicines = get_medicines(list(codes.values()))
        self.medicines = {code: medicines[item_id] for code, item_id in codes.items()}
        self.agenda: list[tuple[datetime, int, str, Callable[[Scope], None]]] = []

    def take_in(self, people: list[Person], *, every: timedelta) -> None:
        """Plan everybody's way: to the desk, to the nurse, to the doctor, to the counter."""
        registrars, nurses = cycle(REGISTRARS), cycle(NURSES)
        free = dict.fromkeys((*NURSES, *DOCTORS.values(), *LABORATORY, "samer"), self.opening)
        for place, person in enumerate(people):
            arrived = self.opening + place * every + timedelta(seconds=self.chance.randint(0, 40))
            self._plan(arrived, next(registrars), self._check_in, person)
            nurse = next(nurses)
            measured = max(free[nurse], arrived + timedelta(minutes=1)) + timedelta(minutes=TRIAGE_MINUTES)
            free[nurse] = measured
            self._plan(measured, nurse, self._measure, person)
            doctor = DOCTORS[person.specialty]
            called = max(free[doctor], measured + timedelta(minutes=1))
            signed = called + timedelta(minutes=PACE[person.specialty] * self.chance.uniform(0.7, 1.3))
            free[doctor] = signed
            self._plan(called, doctor, self._call, person)
            self._plan(called + timedelta(minutes=2), doctor, self._write, person)
            if person.case.tests:
                signed = self._examine(person, doctor, called + timedelta(minutes=3), free)
            self._plan(signed, doctor, self._sign, person)
            if person.case.medicines:
                handed = max(free["samer"], signed + timedelta(minutes=2)) + timedelta(seconds=PHARMACY_SECONDS)
                free["samer"] = handed
                self._plan(handed, "samer", self._dispense, person)

    def _examine(self, person: Person, doctor: str, ordered: datetime, free: dict[str, datetime]) -> datetime:
        """Plan the way through the laboratory and back to the doctor; return when the note is signed."""
        taker, verifier = LABORATORY
        taken = max(free[taker], ordered + timedelta(minutes=1)) + timedelta(minutes=TAKING_MINUTES)
        free[taker], found = taken, taken + timedelta(minutes=EXAMINING_MINUTES)
        self._plan(ordered, doctor, self._order_tests, person)
        self._plan(taken, taker, self._collect, person)
        self._plan(taken + timedelta(minutes=1), taker, self._receive, person)
        self._plan(found, taker, self._enter, person)
        self._plan(found + timedelta(minutes=3), verifier, self._verify, person)
        self._plan(found + timedelta(minutes=7), verifier, self._tell, person)
        free[doctor] = ordered + timedelta(minutes=1)
        again = found + timedelta(minutes=9)
        self._plan(again, doctor, self._call, person)
        self._plan(again + timedelta(minutes=1), doctor, self._read, person)
        return again + timedelta(minutes=2)

    def run(self) -> None:
        """Do what is planned, each act in a transaction of its own, the clock at its instant."""
        for instant, _, username, act in sorted(self.agenda, key=lambda entry: entry[:2]):
            scope = Scope(self.clinic.organisation_id, self.clinic.site_id, self.users[username])
            with clock.frozen(instant), audit.acting_as(scope.user_id), transaction():
                act(scope)

    def _plan(self, instant: datetime, username: str, act: Callable[[Scope, Person], None], person: Person) -> None:
        if instant <= self.until:
            self.agenda.append((instant, len(self.agenda), username, lambda scope: act(scope, person)))

    def _check_in(self, scope: Scope, person: Person) -> None:
        if person.patient_id is None:
            person.patient_id = patients.register(scope, person.invented.told, papers=person.invented.papers)
        person.visit_id = visits.check_in(
            scope,
            patient_id=person.patient_id,
            point_id=self.points[person.specialty],
            reason=VisitReason.NEW_PROBLEM,
            priority=Priority.EMERGENCY if "emergency" in person.tags else Priority.ROUTINE,
        )

    def _measure(self, scope: Scope, person: Person) -> None:
        assert person.patient_id is not None  # noqa: S101 - checked in before
        years = person.invented.years
        feverish = "emergency" in person.tags or self.chance.random() < 0.1
        visits.record_vitals(
            scope,
            person.visit_id,
            {
                Vital.WEIGHT: weight_g(years, self.chance),
                Vital.TEMPERATURE: 394 if feverish else self.chance.randint(362, 372),
                Vital.PULSE: self.chance.randint(95, 125) if years < 6 else self.chance.randint(64, 92),
                Vital.OXYGEN: self.chance.randint(96, 99),
            },
        )
        if feverish:
            visits.begin_note(scope, person.visit_id, {BegunKind.COMPLAINT: person.case.complaint})
        if "penicillin" in person.tags:
            chart.record_allergy(
                scope,
                person.patient_id,
                substance="penicillin",
                group=AllergyGroup.PENICILLIN,
                severity=Severity.SEVERE,
                reaction="swelling of the face",
                told_by=ToldBy.SELF,
            )
        else:
            chart.record_no_known_allergy(scope, person.patient_id)
        if "pregnant" in person.tags:
            lmp = self.day - timedelta(weeks=self.chance.randint(12, 34))
            chart.record_pregnancy(scope, person.patient_id, source=PregnancySource.LMP, lmp_on=lmp)
        if person.specialty == "SUR" and person.case.code == "T14.1":
            sign_contact(scope, self._key(person), kind=ContactKind.DRESSING, text="Rinsed, dry dressing.")
        elif "pregnant" in person.tags:
            sign_contact(scope, self._key(person), kind=ContactKind.ANTENATAL, text="Danger signs told, none now.")
        visits.finish(scope, self._place(person, self.triage))

    def _call(self, scope: Scope, person: Person) -> None:
        visits.call(scope, self._place(person, self.points[person.specialty]))

    def _write(self, scope: Scope, person: Person) -> None:
        consultations.keep_draft(scope, self._key(person), self._content(person), seen=0)

    def _sign(self, scope: Scope, person: Person) -> None:
        consultations.sign(
            scope, self._key(person), self._content(person), orders=self._orders(person), seen=1, language="en"
        )

    def _order_tests(self, scope: Scope, person: Person) -> None:
        consultations.order_tests(scope, self._key(person), [code for code, _ in person.case.tests])

    def _collect(self, scope: Scope, person: Person) -> None:
        lab.collect(scope, self._order(scope, person).key)

    def _receive(self, scope: Scope, person: Person) -> None:
        lab.receive(scope, self._order(scope, person).key)

    def _enter(self, scope: Scope, person: Person) -> None:
        order, found = self._order(scope, person), dict(person.case.tests)
        lab.enter(scope, order.key, {one.key: found[one.code] for one in order.requests})

    def _verify(self, scope: Scope, person: Person) -> None:
        lab.verify(scope, self._order(scope, person).key)

    def _read(self, scope: Scope, person: Person) -> None:
        order = self._order(scope, person)
        if order.last_verified:
            consultations.read_results(scope, self._key(person), order.key, order.last_verified.key)

    def _tell(self, scope: Scope, person: Person) -> None:
        order = self._order(scope, person)
        for _, result in order.calls:
            lab.record_call(scope, order.key, result.key, told=order.ordered_by)

    def _order(self, scope: Scope, person: Person) -> bench.OrderRow:
        return bench.list_orders(scope, person.visit_id)[0]

    def _dispense(self, scope: Scope, person: Person) -> None:
        key = db.session.scalars(select(Prescription.key).where(Prescription.visit_id == person.visit_id)).one()
        prescription = get_prescription(scope, key)
        plans = plan_lines(scope, prescription.lines, {})
        pharmacy.dispense(
            scope,
            prescription,
            [
                Handed(line_id=line_id, taken=plan.picks, rest=Rest.OWED if plan.missing else Rest.WAITS)
                for line_id, plan in plans.items()
            ],
        )

    def _content(self, person: Person) -> Content:
        case = person.case
        return Content(
            parts={PartKind.COMPLAINT: case.complaint, PartKind.FINDINGS: case.findings, PartKind.PLAN: case.plan},
            diagnoses=(DraftDiagnosis(code=case.code, case_type=CaseType.NEW),),
            lines=tuple(self._line(code, dose, number) for number, (code, dose) in enumerate(case.medicines, start=1)),
        )

    def _line(self, code: str, dose: Taken, number: int) -> DraftLine:
        medicine = self.medicines[code]
        return DraftLine(
            id=f"m{number}",
            item_id=medicine.item_id,
            unit=medicine.dose_unit,
            inn=medicine.inn,
            amount=str(dose.amount),
            times=tuple(dose.times),
            is_as_needed=dose.is_as_needed,
            max_per_day=str(dose.max_per_day or ""),
            food=dose.food,
            days=str(dose.days),
        )

    def _orders(self, person: Person) -> list[NewLine]:
        return [
            NewLine(
                name=f"m{number}",
                item_id=self.medicines[code].item_id,
                inn=self.medicines[code].inn,
                dose=Dose(unit=self.medicines[code].dose_unit, **asdict(dose)),
            )
            for number, (code, dose) in enumerate(person.case.medicines, start=1)
        ]

    def _place(self, person: Person, point_id: int) -> int:
        chosen = select(QueuePlace.id).where(
            QueuePlace.visit_id == person.visit_id, QueuePlace.service_point_id == point_id
        )
        return db.session.scalars(chosen.order_by(QueuePlace.id.desc())).first() or 0

    def _key(self, person: Person) -> str:
        return db.session.get_one(Visit, person.visit_id).key


def weight_g(years: int, chance: Random) -> int:
    """Return a weight that nobody would ask about at that age."""
    usual = 9000 + years * 2300 if years < 13 else 68_000
    return int(usual * chance.uniform(0.92, 1.08)) // 100 * 100
