"""Three months of evenings before the demo's, shaped like the source: written in bulk beneath the product's guards.

An evening through the services costs seconds, and seventy of them would keep a newcomer waiting for minutes: so these
rows go in table by table, in the order of time, and the product's own checks are held against them afterwards. What was
handed out came with deliveries of its own and is used up: tonight's shelf is as if they had never been.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import Table, insert, select

from clinic.chart.models import AllergyAnswer
from clinic.consultations.models import Consultation, ConsultationOrder, Diagnosis, IcdCode, NotePart
from clinic.consultations.rules import CaseType, PartKind, State
from clinic.demo.evening import CASES, DOCTORS, NURSES, PACE, REGISTRARS, SHARE, Case, weight_g
from clinic.demo.people import Invented, invent
from clinic.kernel import audit, clock, numbering
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.nursing.models import NursingContact
from clinic.nursing.rules import ContactKind
from clinic.patients.models import NameCode, Patient, PatientIdentifier
from clinic.patients.rules import reversed_phone
from clinic.patients.services import columns_of
from clinic.pharmacy.models import Dispense, DispenseLine, LineProgress, Prescription, PrescriptionLine
from clinic.pharmacy.queries.formulary import get_medicines
from clinic.pharmacy.queries.prescriptions import write_times
from clinic.pharmacy.rules import Dose, Medicine, quantity
from clinic.sites.models import ServicePoint
from clinic.visits.models import Observation, QueuePlace, Visit
from clinic.visits.rules import PlaceState, Priority, VisitReason, Vital
from inventory.agreements.services import find_or_add_party
from inventory.stock.models import Balance, Batch, Item, Lot, Movement, StockDocument
from inventory.stock.queries.places import get_shelf_id
from inventory.stock.rules import BatchStatus, Kind, Reason

SEED = 20260824
DAYS = 91
PEOPLE, AT_FIRST = 4_200, 400  # who comes in all, and who was on file by the first evening
PEAK, FIRST = 205, 150  # people on the fullest evening, and on the first
SATURDAY_SHARE = 0.55
FIRST_SERIAL = 2_000  # of phones and papers: those before are tonight's
LEFT_UNSEEN = 0.03
FOLLOW_UP = 0.4
_SUNDAY, _SATURDAY = 6, 5


@dataclass(frozen=True)
class Known:
    """Somebody who is on file by then."""

    id: int
    invented: Invented
    specialty: str


@dataclass(kw_only=True)
class Came:
    """One visit on the way through its evening; the times are of arrival, measuring, call, signature, handing out."""

    known: Known
    is_new: bool
    number: int
    specialty: str
    case: Case
    arrived: datetime
    measured: datetime
    called: datetime
    signed: datetime
    handed: datetime
    has_left: bool
    id: int = 0
    consultation_id: int = 0
    prescription_id: int = 0
    lines: list[tuple[int, int, int]] = field(default_factory=list)  # line, item, units


def fill(scope: Scope, users: Mapping[str, int], *, tonight: date, say: Callable[[str], None]) -> None:
    """Let three months of evenings have taken place before `tonight`."""
    say("  three months of evenings")
    with clock.frozen(clock.at(tonight - timedelta(days=1), 21)), audit.acting_as(users["samer"]), transaction():
        book = Book(scope, users)
        book.register(tonight)
        month, evenings = None, []
        for day in _evenings(tonight):
            if month is not None and day.month != month:
                book.hold(evenings)
                evenings = []
            month = day.month
            evenings.append(day)
        book.hold(evenings)
        book.number()
        audit.record("LOAD", "demo", "history", {"visits": book.visits, "people": len(book.people)})
    say(f"  {book.visits:,} visits of {len(book.people):,} people")


def _evenings(tonight: date) -> Iterator[date]:
    for back in range(DAYS, 0, -1):
        day = tonight - timedelta(days=back)
        if day.weekday() != _SUNDAY:
            yield day


class Book:
    """Writes the rows of many evenings, a month at a time."""

    def __init__(self, scope: Scope, users: Mapping[str, int]) -> None:
        self.scope, self.users, self.chance = scope, users, Random(SEED)
        rows = select(ServicePoint.code, ServicePoint.id).where(ServicePoint.site_id == scope.site_id)
        self.points = dict(db.session.execute(rows).all())
        self.titles = dict(db.session.execute(select(IcdCode.code, IcdCode.title_en)).all())
        codes = {code: item_id for item_id, code in db.session.execute(select(Item.id, Item.code))}
        medicines = get_medicines(list(codes.values()))
        self.medicines: dict[str, Medicine] = {code: medicines[item_id] for code, item_id in codes.items()}
        self.shelf_id, self.donor_id = get_shelf_id(scope), find_or_add_party("DEMO donor")
        self.people: list[Known] = []
        self.of: dict[str, list[Known]] = defaultdict(list)
        self.visits = self.prescriptions = 0
        self.numbers: Counter[date] = Counter()

    def register(self, tonight: date) -> None:
        """Put everybody on file who will come."""
        numbers, specialties = count(FIRST_SERIAL), list(SHARE)
        first = tonight - timedelta(days=DAYS)
        invented = []
        for place in range(PEOPLE):
            specialty = self.chance.choices(specialties, list(SHARE.values()))[0]
            day = first + timedelta(days=DAYS * place // PEOPLE if place >= AT_FIRST else 0)
            invented.append((specialty, day, invent(self.chance, specialty, day, numbers)))
        ids = self._put(
            Patient.__table__,
            [self._person(number, day, one) for number, (_, day, one) in enumerate(invented, 1)],
        )
        self.people = [Known(person, one, specialty) for person, (specialty, _, one) in zip(ids, invented, strict=True)]
        organisation = {"organisation_id": self.scope.organisation_id}
        self._add(
            NameCode.__table__,
            [
                organisation | {"code": code, "patient_id": known.id}
                for known in self.people
                for code in sorted(known.invented.told.names.codes)
            ],
        )
        self._add(
            PatientIdentifier.__table__,
            [
                organisation | {"patient_id": known.id, "system": paper.number.system, "value": paper.number.value}
                for known in self.people
                for paper in known.invented.papers
            ],
        )

    def _person(self, number: int, day: date, one: Invented) -> dict[str, Any]:
        told = one.told
        return {
            **columns_of(told),
            "version": 1,
            "organisation_id": self.scope.organisation_id,
            "site_id": self.scope.site_id,
            "record_number": number,
            "phone_reversed": reversed_phone(told.phone),
            "registered_at": clock.at(day, 17, 5),
            "registered_by_id": self.users[REGISTRARS[number % len(REGISTRARS)]],
        }

    def hold(self, days: Sequence[date]) -> None:
        """Let these evenings take place, with the delivery that they use up."""
        came = [one for day in days for one in self._evening(day)]
        self._visits(came)
        seen = [one for one in came if not one.has_left]
        self._notes(seen)
        self._prescribe([one for one in seen if one.case.medicines])
        self._hand_out(days[0], [one for one in seen if one.lines])
        self.visits += len(came)

    def _evening(self, day: date) -> Iterator[Came]:
        opening = clock.at(day, 15 if day.weekday() == _SATURDAY else 17)
        free = dict.fromkeys((*NURSES, *DOCTORS.values(), "samer"), opening)
        known_by_now = self.people[: self._known_by(day)]
        self.of.clear()
        for one in known_by_now:
            self.of[one.specialty].append(one)
        minutes = sorted(self.chance.triangular(0, 200, 45) for _ in range(self._how_many(day)))
        chosen: set[int] = set()
        for minute in minutes:
            specialty = self.chance.choices(list(SHARE), list(SHARE.values()))[0]
            pool = self.of[specialty]
            known = self._someone(pool, chosen)
            if known is None:
                continue
            chosen.add(known.id)
            self.numbers[day] += 1
            yield self._way(known, day, specialty, opening + timedelta(minutes=minute), free)

    def _how_many(self, day: date) -> int:
        """Return how many come: from the first evenings to the peak, and fewer on Saturdays."""
        share = min(1.0, self._known_by(day) / (0.7 * PEOPLE))
        people = FIRST + (PEAK - FIRST) * share + self.chance.gauss(0, 6)
        return round(min(PEAK, people) * (SATURDAY_SHARE if day.weekday() == _SATURDAY else 1))

    def _known_by(self, day: date) -> int:
        since = (day - clock.today()).days + DAYS + 1
        return max(AT_FIRST, PEOPLE * since // DAYS)

    def _someone(self, pool: Sequence[Known], chosen: set[int]) -> Known | None:
        """Return one who has not come tonight: rather one of the newest."""
        for _ in range(20):
            place = len(pool) - 1 - int(len(pool) * self.chance.betavariate(1, 2.2))
            if pool and pool[place].id not in chosen:
                return pool[place]
        return None

    def _way(self, known: Known, day: date, specialty: str, arrived: datetime, free: dict[str, datetime]) -> Came:
        number = self.numbers[day]
        nurse, doctor = NURSES[number % len(NURSES)], DOCTORS[specialty]
        measured = max(free[nurse], arrived + timedelta(minutes=1)) + timedelta(minutes=1.6)
        free[nurse] = measured
        called = max(free[doctor], measured + timedelta(minutes=1))
        signed = called + timedelta(minutes=PACE[specialty] * self.chance.uniform(0.5, 0.9))
        has_left = self.chance.random() < LEFT_UNSEEN
        if not has_left:
            free[doctor] = signed
        handed = max(free["samer"], signed + timedelta(minutes=1)) + timedelta(seconds=60)
        free["samer"] = handed
        return Came(
            known=known,
            is_new=self.chance.random() >= FOLLOW_UP,
            number=number,
            specialty=specialty,
            case=self.chance.choice(CASES[specialty]),
            arrived=arrived,
            measured=measured,
            called=called,
            signed=signed,
            handed=handed,
            has_left=has_left,
        )

    # ---- visits and notes ----

    def _visits(self, came: Sequence[Came]) -> None:
        rows = [
            {
                "site_id": self.scope.site_id,
                "patient_id": one.known.id,
                "day": clock.local(one.arrived).date(),
                "number": one.number,
                "reason": VisitReason.NEW_PROBLEM if one.is_new else VisitReason.FOLLOW_UP,
                "arrived_at": one.arrived,
                "checked_in_by_id": self.users[REGISTRARS[one.number % len(REGISTRARS)]],
                "language": one.known.invented.told.language,
                "closed_at": one.handed,
            }
            for one in came
        ]
        for one, visit_id in zip(came, self._put(Visit.__table__, rows), strict=True):
            one.id = visit_id
        self._add(QueuePlace.__table__, [place for one in came for place in self._places(one)])
        self._add(Observation.__table__, [fact for one in came for fact in self._facts(one)])
        asked = {one.known.id: one for one in reversed(came)}
        self._add(
            AllergyAnswer.__table__,
            [
                {"patient_id": person, "asked_at": one.measured, "asked_by_id": self._nurse(one)}
                for person, one in sorted(asked.items())
            ],
        )
        self._add(NursingContact.__table__, [row for one in came for row in self._contact(one)])

    def _nurse(self, one: Came) -> int:
        return self.users[NURSES[one.number % len(NURSES)]]

    def _places(self, one: Came) -> Iterator[dict[str, Any]]:
        stops = [("TRIAGE", self._nurse(one), one.arrived, one.measured - timedelta(minutes=1), one.measured)]
        stops.append((one.specialty, self.users[DOCTORS[one.specialty]], one.arrived, one.called, one.signed))
        if one.case.medicines and not one.has_left:
            began = one.handed - timedelta(seconds=60)
            stops.append(("PHARMACY", self.users["samer"], one.signed, began, one.handed))
        for code, server, queued, called, done in stops:
            has_left = one.has_left and code == one.specialty
            yield {
                "visit_id": one.id,
                "service_point_id": self.points[code],
                "state": PlaceState.LEFT if has_left else PlaceState.DONE,
                "priority": Priority.ROUTINE,
                "queued_at": queued,
                "called_at": None if has_left else called,
                "calls": 0 if has_left else 1,
                "served_by_id": None if has_left else server,
                "done_at": done,
            }

    def _facts(self, one: Came) -> Iterator[dict[str, Any]]:
        years = one.known.invented.years
        facts = {
            Vital.WEIGHT: weight_g(years, self.chance),
            Vital.TEMPERATURE: self.chance.choice((364, 366, 367, 369, 371, 384)),
            Vital.PULSE: self.chance.randint(95, 125) if years < 6 else self.chance.randint(64, 92),
        }
        for kind, value in facts.items():
            yield {
                "visit_id": one.id,
                "patient_id": one.known.id,
                "kind": kind,
                "value": value,
                "measured_at": one.measured,
                "recorded_at": one.measured,
                "recorded_by_id": self._nurse(one),
            }

    def _contact(self, one: Came) -> Iterator[dict[str, Any]]:
        kind = {"T14.1": ContactKind.DRESSING, "Z34.9": ContactKind.ANTENATAL}.get(one.case.code)
        if kind is not None:
            yield {
                "site_id": self.scope.site_id,
                "visit_id": one.id,
                "patient_id": one.known.id,
                "kind": kind,
                "text": "As planned.",
                "nurse_id": self._nurse(one),
                "signed_at": one.measured,
            }

    def _notes(self, seen: Sequence[Came]) -> None:
        rows = [
            {
                "site_id": self.scope.site_id,
                "visit_id": one.id,
                "patient_id": one.known.id,
                "specialty_code": one.specialty,
                "clinician_id": self.users[DOCTORS[one.specialty]],
                "state": State.SIGNED,
                "opened_at": one.called,
                "signed_at": one.signed,
                "abandoned_because": "",
            }
            for one in seen
        ]
        for one, consultation_id in zip(seen, self._put(Consultation.__table__, rows), strict=True):
            one.consultation_id = consultation_id
        parts = [
            {
                "consultation_id": one.consultation_id,
                "kind": kind,
                "text": said,
                "author_id": self.users[DOCTORS[one.specialty]],
            }
            for one in seen
            for kind, said in (
                (PartKind.COMPLAINT, one.case.complaint),
                (PartKind.FINDINGS, one.case.findings),
                (PartKind.PLAN, one.case.plan),
            )
        ]
        self._add(NotePart.__table__, parts)
        diagnoses = [
            {
                "consultation_id": one.consultation_id,
                "patient_id": one.known.id,
                "code": one.case.code,
                "title": self.titles[one.case.code],
                "case_type": CaseType.NEW if one.is_new else CaseType.FOLLOW_UP,
                "position": 1,
            }
            for one in seen
        ]
        self._add(Diagnosis.__table__, diagnoses)

    # ---- medicines ----

    def _prescribe(self, sent: Sequence[Came]) -> None:
        rows = []
        for one in sent:
            self.prescriptions += 1
            rows.append(
                {
                    "site_id": self.scope.site_id,
                    "number": self.prescriptions,
                    "visit_id": one.id,
                    "patient_id": one.known.id,
                    "prescriber_id": self.users[DOCTORS[one.specialty]],
                    "specialty_code": one.specialty,
                    "signed_at": one.signed,
                }
            )
        for one, prescription_id in zip(sent, self._put(Prescription.__table__, rows), strict=True):
            one.prescription_id = prescription_id
        self._add(
            ConsultationOrder.__table__,
            [{"consultation_id": one.consultation_id, "prescription_id": one.prescription_id} for one in sent],
        )
        lines = [(one, row) for one in sent for row in self._lines(one)]
        ids = self._put(PrescriptionLine.__table__, [row for _, row in lines])
        for (one, row), line_id in zip(lines, ids, strict=True):
            one.lines.append((line_id, row["item_id"], row["quantity"]))
        self._add(
            LineProgress.__table__,
            [
                {"line_id": line_id, "prescribed": row["quantity"], "given": row["quantity"]}
                for (_, row), line_id in zip(lines, ids, strict=True)
            ],
        )

    def _lines(self, one: Came) -> Iterator[dict[str, Any]]:
        for position, (code, taken) in enumerate(one.case.medicines, 1):
            medicine = self.medicines[code]
            dose = Dose(unit=medicine.dose_unit, **asdict(taken))
            yield {
                "prescription_id": one.prescription_id,
                "position": position,
                "item_id": medicine.item_id,
                "inn": medicine.inn,
                "dose_amount": dose.amount,
                "dose_unit": dose.unit,
                "dose_times": write_times(dose.times),
                "is_as_needed": dose.is_as_needed,
                "max_per_day": dose.max_per_day,
                "food": dose.food,
                "days": dose.days,
                "quantity": quantity(dose, medicine).units,
            }

    def _hand_out(self, first: date, given: Sequence[Came]) -> None:
        """Receive what these evenings need on their first afternoon, and hand out all of it."""
        needed: Counter[int] = Counter()
        for one in given:
            for _, item_id, units in one.lines:
                needed[item_id] += units
        items = sorted(needed)
        batches = self._put(
            Batch.__table__,
            [
                {
                    "item_id": item_id,
                    "batch_no": f"DEMO-{first:%y%m}-{item_id}",
                    "expires_on": first + timedelta(days=500),
                    "status": BatchStatus.OK,
                }
                for item_id in items
            ],
        )
        lots = self._put(
            Lot.__table__,
            [
                {"batch_id": batch_id, "donor_id": self.donor_id, "unit_cost": 500, "currency": "EUR"}
                for batch_id in batches
            ],
        )
        lot_of = dict(zip(items, lots, strict=True))
        self._add(
            Balance.__table__,
            [
                {"lot_id": lot_id, "place_id": self.shelf_id, "quantity": 0, "expires_on": first + timedelta(days=500)}
                for lot_id in lots
            ],
        )
        [receipt] = self._put(StockDocument.__table__, [self._document(clock.at(first, 13), Kind.RECEIVE)])
        self._add(
            Movement.__table__,
            [
                self._movement(receipt, line, item_id, lot_of[item_id], needed[item_id])
                for line, item_id in enumerate(items, 1)
            ],
        )
        documents = self._put(StockDocument.__table__, [self._document(one.handed, Kind.ISSUE) for one in given])
        self._add(
            Movement.__table__,
            [
                self._movement(document, line, item_id, lot_of[item_id], -units)
                for one, document in zip(given, documents, strict=True)
                for line, (_, item_id, units) in enumerate(one.lines, 1)
            ],
        )
        handouts = self._put(
            Dispense.__table__,
            [
                {
                    "site_id": self.scope.site_id,
                    "prescription_id": one.prescription_id,
                    "visit_id": one.id,
                    "patient_id": one.known.id,
                    "stock_document_id": document,
                    "dispensed_at": one.handed,
                    "dispensed_by_id": self.users["samer"],
                    "day": clock.local(one.handed).date(),
                }
                for one, document in zip(given, documents, strict=True)
            ],
        )
        self._add(
            DispenseLine.__table__,
            [
                {"dispense_id": handout, "line_id": line_id, "lot_id": lot_of[item_id], "quantity": units}
                for one, handout in zip(given, handouts, strict=True)
                for line_id, item_id, units in one.lines
            ],
        )

    def _document(self, at: datetime, kind: Kind) -> dict[str, Any]:
        return {
            "site_id": self.scope.site_id,
            "kind": kind,
            "occurred_at": at,
            "recorded_at": at,
            "recorded_by_id": self.users["samer"],
            "reason": Reason.DONATION if kind is Kind.RECEIVE else Reason.DISPENSE,
        }

    def _movement(self, document: int, line: int, item_id: int, lot_id: int, units: int) -> dict[str, Any]:
        return {
            "document_id": document,
            "line_no": line,
            "item_id": item_id,
            "lot_id": lot_id,
            "place_id": self.shelf_id,
            "quantity": units,
        }

    # ---- how rows go in ----

    def number(self) -> None:
        """Let every series of numbers go on from where these evenings left it."""
        last = {f"record:{self.scope.organisation_id}": len(self.people)}
        last[f"prescription:{self.scope.site_id}"] = self.prescriptions
        last |= {f"visit:{self.scope.site_id}:{day:%Y-%m-%d}": number for day, number in self.numbers.items()}
        self._add(numbering.Counter.__table__, [{"series": name, "last": number} for name, number in last.items()])

    def _put(self, table: Table, rows: list[dict[str, Any]]) -> list[int]:
        """Insert rows and return their ids in the same order."""
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        found = db.session.connection().execute(statement, rows, execution_options={audit.BY_HAND: True})
        return list(found.scalars())

    def _add(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            db.session.connection().execute(insert(table), rows, execution_options={audit.BY_HAND: True})
