"""What the pharmacist decides of each medicine: how many, without which lots, and what becomes of the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict
from wtforms import Form

from clinic.kernel import i18n
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import ChoiceField, DeskForm, ManyField, Problem, WholeField, WordField
from clinic.kernel.i18n import _, _l
from clinic.kernel.text import N_
from clinic.pharmacy.queries.lines import LineRow
from clinic.pharmacy.queries.plans import LinePlan, Wish
from clinic.pharmacy.rules import Handed, NotGiven, Rest, Skipped, SkipReason
from inventory.stock.rules import Pick

_GIVEN_UP = [(reason, _l(reason.label)) for reason in NotGiven if reason is not NotGiven.NOT_STOCKED]


class PlanChanged(DomainError):
    """The lots are not those that the page showed: the box in the hand is another."""

    code = "plan_changed"


class NothingDecided(DomainError):
    """No medicine is given, owed or given up."""

    code = "nothing_decided"
    status = 422


@dataclass(frozen=True)
class Seen:
    """The plan of one line as the page showed it, signed by us, so that nobody else's plan comes back."""

    line_id: int
    rest: int
    picks: tuple[tuple[int, int, int], ...]
    skipped: frozenset[int]
    too_short: frozenset[int]

    @property
    def units(self) -> int:
        """How many it gives."""
        return sum(quantity for _lot, _place, quantity in self.picks)

    def first(self, units: int) -> tuple[Pick, ...]:
        """Return the lots from which the first `units` of it come."""
        taken = []
        for lot_id, place_id, quantity in self.picks:
            if units > 0:
                taken.append(Pick(lot_id=lot_id, place_id=place_id, quantity=min(units, quantity)))
            units -= quantity
        return tuple(taken)


def sign_plan(plan: LinePlan) -> str:
    """Return what the page carries unseen of a plan."""
    return _signer().dumps(
        [
            plan.line.line_id,
            plan.line.rest,
            [[pick.lot_id, pick.place_id, pick.quantity] for pick in plan.picks],
            [lot.lot_id for lot in plan.skipped],
            [lot.lot_id for lot in plan.too_short],
        ]
    )


def read_plan(text: str) -> Seen | None:
    """Return the plan that the page carried; None for anything that we did not sign."""
    try:
        line_id, rest, picks, skipped, too_short = _signer().loads(text)
    except BadSignature:
        return None
    return Seen(line_id, rest, tuple(tuple(pick) for pick in picks), frozenset(skipped), frozenset(too_short))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="pharmacy.plan")


class CounterLine(Form):
    """What is decided of one medicine; all empty gives what is planned."""

    plan = WordField("", most=4000)
    give = WholeField(_l("Give"), least=0, most=100_000)
    rest = ChoiceField(
        _l("What is not given"),
        choices=[(Rest.OWED, _l("is owed")), (Rest.CLOSED, _l("is not given"))],
        segments=True,
    )
    because = ChoiceField(_l("Why not"), choices=_GIVEN_UP, blank=_l("Choose"))
    note = WordField(_l("Remark"), most=200)
    skip = ManyField(_l("Skip a lot"))
    skip_because = ChoiceField(_l("Why it is skipped"), of=SkipReason, blank=_l("Choose"))

    def __init__(self, line: LineRow, sent: MultiDict[str, str] | None = None) -> None:
        super().__init__(sent, prefix=f"l{line.position}-")
        self.line = line
        self.is_sent = sent is not None and f"l{line.position}-plan" in sent
        self.seen = read_plan(self.plan.data or "") if self.is_sent else None
        if self.seen is not None:
            known = {lot for lot, _place, _units in self.seen.picks} | self.seen.skipped
            self.skip.choices = [(lot, str(lot)) for lot in sorted(known)]

    @property
    def wish(self) -> Wish:
        """What is wanted of the next plan."""
        return Wish(units=self.give.data, skipped=frozenset(self.skip.data))

    def offer(self, plan: LinePlan) -> None:
        """Offer the lots that lie there to be skipped; what is missing is owed, unless it is decided otherwise."""
        lots = [cell.lot for cell in plan.cells] + list(plan.skipped)
        self.skip.choices = [(lot.lot_id, lot.batch_no) for lot in lots]
        if not self.is_sent and plan.missing:
            self.rest.data = Rest.OWED

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' own
        """Whether it can be done as it is decided: what is not given has its answer, and each reason stands."""
        super().validate(extra_validators)
        if self.rest.data is Rest.CLOSED and self.because.data is None:
            self.because.errors = [*self.because.errors, _("An answer is needed here.")]
        if self.skip.data and self.skip_because.data is None:
            self.skip_because.errors = [*self.skip_because.errors, _("An answer is needed here.")]
        if self.seen is not None and not self.rest.data and 0 < (units := self._units(self.seen)) < self.seen.rest:
            message = _("Say what becomes of the %(num)s that are not given.", num=self.seen.rest - units)
            self.rest.errors = [*self.rest.errors, message]
        return not self.errors

    def handed(self) -> Handed | None:
        """Return what is done about the line; None where nothing is. Raises PlanChanged."""
        seen = self.seen
        if seen is None or frozenset(self.skip.data) != seen.skipped or self._units(seen) > seen.units:
            raise PlanChanged(
                N_("Nothing was handed out: the lots are planned anew. Look at the boxes, then dispense again."),
                field=f"l{self.line.position}-give",
            )
        taken = seen.first(self._units(seen))
        if not taken and self.rest.data is None:
            return None
        return Handed(
            line_id=seen.line_id,
            taken=taken,
            skipped=(
                *(
                    Skipped(lot_id=lot, because=self.skip_because.data or SkipReason.OTHER, note=self.note.data or "")
                    for lot in sorted(seen.skipped)
                ),
                *(Skipped(lot_id=lot, because=SkipReason.ENDS_TOO_SOON) for lot in sorted(seen.too_short)),
            ),
            rest=self.rest.data or Rest.WAITS,
            because=self.because.data,
            note=self.note.data or "",
        )

    def _units(self, seen: Seen) -> int:
        return seen.units if self.give.data is None else int(self.give.data)


class CounterForm(DeskForm):
    """What is decided at the counter of every medicine of one prescription."""

    def __init__(self, lines: Iterable[LineRow], **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        self.lines: list[CounterLine] = []
        super().__init__(**kwargs)
        sent = request.form if self.is_submitted() else None
        self.lines = [CounterLine(line, sent) for line in lines]

    def line_of(self, position: int) -> CounterLine:
        """Return what is decided of the line at a position."""
        return next(line for line in self.lines if line.line.position == position)

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms' own
        """Whether all that was sent can be done."""
        are_fine = [line.validate() for line in self.lines if line.is_sent]
        return super().validate(extra_validators) and all(are_fine)

    def handed(self) -> list[Handed]:
        """Return what is done about each line that was sent. Raises PlanChanged, NothingDecided."""
        found = [one for line in self.lines if line.is_sent and (one := line.handed()) is not None]
        if not found:
            raise NothingDecided(N_("Nothing was handed out: nothing is decided yet."))
        return found

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal at the line that it names, or on the form."""
        position, _dash, name = (refusal.field or "").removeprefix("l").partition("-")
        line = next((line for line in self.lines if str(line.line.position) == position), None)
        if line is None or name not in line:
            super().refuse(refusal)
        else:
            line[name].errors = [*line[name].errors, i18n.explain(refusal)]

    @property
    def errors(self) -> dict[str | None, Any]:
        """What is wrong, of the lines too."""
        return {**super().errors, **{f"l{line.line.position}": line.errors for line in self.lines if line.errors}}

    @property
    def problems(self) -> list[Problem]:
        """What is to be looked at again, each line's by its medicine."""
        return [
            *super().problems,
            *(
                Problem(field.id, f"{line.line.inn}, {field.label.text}", str(message))
                for line in self.lines
                for field in line
                for message in field.errors
            ),
        ]
