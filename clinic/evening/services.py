"""An evening is closed: nothing silently, everything that is left with its reason."""

from datetime import date

from clinic.evening.models import EveningClose
from clinic.evening.queries import LeftOver, find_close, list_left_over
from clinic.kernel import chain
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_

LEAST_REASON = 10


class CannotClose(DomainError):
    """The evening is closed already, or something is left open without a reason."""

    code = "cannot_close"


def close_evening(scope: Scope, day: date, *, because: str, undecided_seen: int) -> LeftOver:
    """Close a day at the site, seal the record, and return what was left open.

    `undecided_seen` is how much stood open on the page: what has come since is looked at first. Raises CannotClose.
    """
    if find_close(scope, day) is not None:
        raise CannotClose(N_("This evening is closed already."))
    left = list_left_over(scope, day)
    if left.undecided > undecided_seen:
        raise CannotClose(N_("Something more is open than when you looked. Look at the list again."))
    if left.undecided and len(because) < LEAST_REASON:
        raise CannotClose(
            N_("Something is left open. Say why, in at least %(least)s characters."),
            field="because",
            least=LEAST_REASON,
        )
    db.session.add(
        EveningClose(
            site_id=scope.site_id,
            day=day,
            closed_at=now(),
            closed_by_id=scope.user_id,
            left_count=left.undecided,
            left={
                "places": [[f"{one.day}", one.number, one.name_en, one.state] for one in left.places],
                "orders": [[f"{one.day}", one.number, one.doctor.latin, one.unanswered] for one in left.orders],
                "notes": [[f"{one.day}", one.number, one.doctor.latin] for one in left.notes],
            },
            because=because if left.undecided else "",
            head=chain.seal(),
        )
    )
    db.session.flush()
    return left
