"""The registrar's desk as a page: the box, those found, tonight, and at the side the person who was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from clinic.auth.queries import recall
from clinic.kernel import audit, clock
from clinic.kernel.access import Scope, scope, subject
from clinic.patients.queries import Hit, PatientCard, Trace, get_patient, list_hits, list_household
from clinic.patients.rules import Reason, age
from clinic.registration import words
from clinic.registration.forms import CheckInForm, SearchForm
from clinic.registration.rules import Why, meant_for
from clinic.registration.slips import slip_words
from clinic.visits.queries import LastVisit, Queue, Tonight, list_last_visits, tonight

blueprint = Blueprint("registration", __name__, url_prefix="/registration")
for say in (words.named, slip_words):
    blueprint.add_app_template_global(say)

_FULL_METER = 100
_LONG_QUEUE = 20


@dataclass(frozen=True)
class Found:
    """A search that the session remembers: its words, and who was found."""

    key: str = ""
    words: str = ""
    traces: tuple[Trace, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True)
class Chosen:
    """The person who was chosen: who it is, the last visit, those of the household."""

    hit: Hit
    last: LastVisit | None
    family: list[str] = field(default_factory=list)


@dataclass
class Desk:
    """All that a page of the desk is drawn from, read once."""

    mine: Scope
    found: Found
    hits: list[Hit]
    visits: Mapping[int, LastVisit]
    evening: Tonight
    chosen: Chosen | None

    @property
    def rows(self) -> list[words.Row]:
        """Those found, as the list shows them."""
        listed = [hit for hit in self.hits if any(trace.patient_id == hit.card.id for trace in self.found.traces)]
        return words.rows(listed, self.visits, self.found.words)


def open_desk(found_key: str = "", chosen_key: str = "") -> Desk:
    """Read the desk with what was found and who was chosen. Raises NotFound."""
    mine, found = scope(), recalled(found_key)
    hits = list_hits(mine, found.traces)
    hit = next((one for one in hits if one.card.key == chosen_key), None) if chosen_key else None
    if chosen_key and hit is None:
        [hit] = list_hits(mine, [Trace(get_patient(mine, chosen_key).id, ())])
    people = {one.card.id for one in (*hits, *([hit] if hit else []))}
    visits = list_last_visits(mine, people) if people else {}
    chosen = _chosen(mine, hit, visits) if hit else None
    return Desk(mine, found, hits, visits, tonight(mine), chosen)


def _chosen(mine: Scope, hit: Hit, visits: Mapping[int, LastVisit]) -> Chosen:
    family = [one.key for one in list_household(mine, hit.household_id) if one.id != hit.card.id]
    return Chosen(hit, visits.get(hit.card.id), family)


def recalled(key: str) -> Found:
    """Return the search that this session remembers under `key`, or none."""
    match recall(subject().session_id, key) if key else None:
        case {"words": str(sought), "hits": list(hits), "is_cut": bool(is_cut)}:
            return Found(key, sought, tuple(_trace(*hit) for hit in hits), is_cut)
        case _:
            return Found()


def payload(sought: str, traces: Sequence[Trace], *, is_cut: bool) -> dict[str, object]:
    """Return what a session remembers of a search."""
    hits = [[trace.patient_id, list(trace.reasons), trace.found_as, trace.score] for trace in traces]
    return {"words": sought, "hits": hits, "is_cut": is_cut}


def _trace(patient_id: int, reasons: Sequence[str], found_as: str, score: int) -> Trace:
    return Trace(patient_id, tuple(Reason(reason) for reason in reasons), found_as, score)


def check_in_form(desk: Desk) -> CheckInForm:
    """Return the form of a number for tonight, preset from the last visit."""
    chosen = desk.chosen
    is_known = bool(chosen and chosen.last)
    is_here = bool(chosen and chosen.last and chosen.last.is_open)
    preset = meant_point(desk.evening, chosen.hit.card, chosen.last) if chosen and not is_here else ""
    form = CheckInForm(data={"point": preset or None, "why": Why.FOLLOW_UP if is_known else Why.NEW_PROBLEM})
    form.point.choices = choices(desk.evening)
    return form


def meant_point(evening: Tonight, card: PatientCard, last: LastVisit | None) -> str:
    """Return the key of the point at which a person is most likely to be seen tonight, or nothing."""
    points = {queue.specialty_code: queue.point_key for queue in evening.choices}
    lived = age(card.birth, clock.today())
    return points.get(meant_for(last.specialty_code if last else "", lived.years if lived else None, points), "")


def choices(evening: Tonight) -> list[tuple[str, str]]:
    """Return the specialties of tonight, each by its point's key."""
    return [(one.point_key, words.named(one)) for one in evening.choices]


def desk_page(desk: Desk, form: CheckInForm | None = None, **more: Any) -> Response:  # noqa: ANN401 - for the template
    """Draw the desk; who is shown goes on the record before the answer."""
    rows = desk.rows
    if rows:
        audit.record_read("SEARCH", desk.found.key, {"people": [row.key for row in rows]})
    if desk.chosen:
        audit.record_read("PATIENT", desk.chosen.hit.card.key)
    page = render_template(
        "registration/desk.html",
        search=SearchForm(formdata=None, data={"words": desk.found.words}),
        desk=desk,
        rows=rows,
        queues=[_queue(one) for one in desk.evening.queues],
        form=form or (check_in_form(desk) if desk.chosen else None),
        words=words,
        **more,
    )
    response = make_response(page, form.status if form else 200)
    if "HX-Request" in request.headers and request.method == "GET":
        response.headers["HX-Replace-Url"] = request.full_path.rstrip("?")
    return response


def _queue(queue: Queue) -> dict[str, object]:
    """Return a queue as the strip and the choice of specialties show it."""
    minutes = int((clock.now() - queue.longest_since).total_seconds()) // 60 if queue.longest_since else None
    return {
        "key": queue.point_key,
        "name": words.named(queue),
        "room": queue.room,
        "is_open": queue.is_open,
        "waiting": queue.waiting,
        "longest": minutes,
        "full": min(_FULL_METER, _FULL_METER * queue.waiting // _LONG_QUEUE),
    }


def desk_url(found_key: str = "") -> str:
    """Return the address of the desk, with a search where one is remembered."""
    return url_for("registration.found", key=found_key) if found_key else url_for("registration.search")
