"""What the counter's page shows, read once for every way to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, session

from clinic.kernel import clock
from clinic.kernel.access import Scope, subject
from clinic.kernel.audit import record_read
from clinic.pharmacy.forms import CounterForm, CounterLine, sign_plan
from clinic.pharmacy.labels import LANGUAGES, Bag, Label, write_label
from clinic.pharmacy.queries.handouts import GivenLot
from clinic.pharmacy.queries.lines import LineRow, PrescriptionRow, get_header, list_prescriptions
from clinic.pharmacy.queries.plans import LinePlan, plan_lines
from clinic.pharmacy.queries.rail import OwingRow, Waiting, list_owings, list_waiting
from clinic.pharmacy.queries.taker import taker_of
from clinic.pharmacy.rules import Finding, Paper, Taker, Taking, Weight, check
from clinic.sites.models import Site
from clinic.sites.rules import PointKind
from clinic.visits import queries as visits
from clinic.visits.queries import Banner, PlaceRow
from clinic.visits.words import BannerWords, banner_words
from inventory.stock.queries.ledger import find_agreement

FIRST_OWINGS = 5
BEFORE = timedelta(days=90)
_PAPER = "label_paper"


@dataclass(frozen=True)
class Rail:
    """Who waits, what waits for each, and what is owed and lies there now."""

    places: list[PlaceRow]
    waiting: dict[int, Waiting]
    owings: list[OwingRow]

    def of(self, place: PlaceRow) -> Waiting | None:
        """Return what waits for a place; None where no prescription came with it."""
        return self.waiting.get(place.visit_id)


@dataclass(frozen=True)
class Shown:
    """One line at the counter: what is prescribed and decided, from which lots, and what speaks against it.

    `carried` is the plan as the page carries it unseen.
    """

    line: LineRow
    form: CounterLine
    plan: LinePlan | None
    findings: Sequence[Finding]
    carried: str

    @property
    def is_stopped(self) -> bool:
        """Whether a check stops it and the prescriber has signed no reason."""
        return not self.line.override_reason and any(one.weight is Weight.STOP for one in self.findings)

    @property
    def gives(self) -> int:
        """How many are to be given."""
        return self.plan.units if self.plan and not self.is_stopped else 0


@dataclass(frozen=True)
class Before:
    """A medicine that the person had from here before, and until when it lasts."""

    line: LineRow
    lasts_on: bool


@dataclass(frozen=True)
class Desk:
    """All that the counter's page shows of one prescription."""

    prescription: PrescriptionRow
    banner: Banner
    lines: list[Shown]
    label: Label | None
    may_be_child: bool

    @property
    def labels(self) -> int:
        """How many labels are to be printed."""
        return sum(1 for shown in self.lines if shown.gives)

    @property
    def short(self) -> list[Shown]:
        """The lines of which not all that is left can be given."""
        return [shown for shown in self.lines if shown.plan and shown.plan.missing]

    @property
    def open(self) -> int:
        """How many lines are still to be settled."""
        return sum(1 for shown in self.lines if shown.line.rest and shown.line.owed is None)

    @property
    def is_owing(self) -> bool:
        """Whether something is owed and cannot be given now: it may be decided otherwise."""
        return any(shown.line.owed is not None for shown in self.short)


def read_rail(scope: Scope) -> Rail:
    """Return the rail, in three statements."""
    places = visits.board_of(scope, PointKind.PHARMACY)
    waiting = list_waiting(scope, [place.visit_id for place in places]) if places else {}
    return Rail(places, waiting, [row for row in list_owings(scope, limit=FIRST_OWINGS) if row.can_be_met])


def read_desk(scope: Scope, key: str, form: CounterForm | None = None) -> dict[str, Any]:
    """Return what the page of one prescription shows; that it was looked at is on record before.

    `form` is what was decided and came back. Raises NotFound.
    """
    header, site, handouts = get_header(scope, key)
    record_read("prescription", key)
    banner = visits.banner(scope, header.visit_id)
    prescriptions = list_prescriptions(scope, banner.chart_ids)
    prescription = next(one for one in prescriptions if one.key == key)
    form = form or CounterForm(prescription.lines)
    plans = plan_lines(scope, prescription.lines, {one.line.line_id: one.wish for one in form.lines})
    taker = taker_of(banner)
    lines = _lines(prescription, taker, form, plans)
    rail = read_rail(scope)
    return {
        "desk": Desk(prescription, banner, lines, _label(lines, banner, site), taker.may_be_child),
        "said": _said(banner),
        "form": form,
        "rail": rail,
        "place": next((one for one in rail.places if one.visit_id == prescription.visit_id), None),
        "others": [one for one in prescriptions if one.visit_id == prescription.visit_id and one.key != key],
        "before": _before(prescriptions, prescription),
        "handouts": handouts,
        "agreement": find_agreement(),
        "today": clock.today(),
    }


def _said(banner: Banner) -> BannerWords:
    return banner_words(banner)


def _lines(prescription: PrescriptionRow, taker: Taker, form: CounterForm, plans: dict[int, LinePlan]) -> list[Shown]:
    shown = []
    for line in prescription.lines:
        decided, plan = form.line_of(line.position), plans.get(line.line_id)
        beside = [
            Taking(other.inn, other.medicine.atc)
            for other in prescription.lines
            if other is not line and other.medicine is not None
        ]
        findings = check(line.medicine, line.dose, taker, beside) if line.medicine else []
        if plan is not None:
            decided.offer(plan)
        shown.append(Shown(line, decided, plan, findings, sign_plan(plan) if plan is not None else ""))
    return shown


def _label(lines: Sequence[Shown], banner: Banner, site: Site) -> Label | None:
    """Return the label to be looked at: of the line that is asked for, or of the first that is given."""
    given = [shown for shown in lines if shown.gives]
    if not given:
        return None
    asked = request.args.get("part", "")
    part = int(asked) if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= len(given) else 1
    chosen = given[part - 1]
    return write_label(
        chosen.line,
        [GivenLot(cell.lot.batch_no, cell.lot.expires_on, cell.units) for cell in chosen.plan.cells]
        if chosen.plan
        else [],
        Bag(
            person=banner.patient,
            site=site,
            number=banner.number,
            on=clock.today(),
            is_demo=subject().is_demo,
            paper=paper(),
        ),
        part=part,
        of=len(given),
        language=language_of(banner.patient.label_language),
    )


def language_of(usual: str) -> str:
    """Return the language that the page asks labels in, or else the person's own choice."""
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else usual if usual in LANGUAGES else LANGUAGES[0]


def paper() -> Paper:
    """Return the labels in the printer: those that the page names, from then on those of this browser."""
    asked = request.args.get("paper", "")
    if asked in set(Paper):
        session[_PAPER] = asked
    return Paper(session.get(_PAPER, Paper.TALL))


def _before(prescriptions: Sequence[PrescriptionRow], current: PrescriptionRow) -> list[Before]:
    since, today = clock.today() - BEFORE, clock.today()
    return [
        Before(line, line.lasts_until >= today)
        for one in prescriptions
        if one.visit_id != current.visit_id
        for line in one.lines
        if line.given and line.signed_on >= since
    ]
