"""An evening is closed: nothing silently, everything that is left with its reason."""

from datetime import date

from clinic.evening.models import EveningClose
from clinic.evening.queries import LeftOver, find_close, get_span, list_left_over
from clinic.evening.rules import CannotClose, ensure_may_close
from clinic.kernel import chain
from clinic.kernel.access import Scope
from clinic.kernel.clock import now
from clinic.kernel.db import db
from clinic.kernel.text import N_


def close_evening(scope: Scope, day: date, *, because: str, seen: str) -> LeftOver:
    """Close a day's evening at the site, seal the record, and return what was left open.

    `seen` is the digest of what stood open on the page: what is not the same any more is looked at first. An evening
    that ends before its hour has its reason too. Raises CannotClose.
    """
    if find_close(scope, day) is not None:
        raise CannotClose(N_("This evening is closed already."))
    left, (opens, closes) = list_left_over(scope, day), get_span(scope, day)
    if left.digest != seen:
        raise CannotClose(N_("What is open has changed since you looked. Look at the list again."))
    ensure_may_close(now(), opens=opens, closes=closes, undecided=left.undecided, because=because)
    db.session.add(
        EveningClose(
            site_id=scope.site_id,
            day=day,
            closed_at=now(),
            closed_by_id=scope.user_id,
            left_count=left.undecided,
            left=left.as_json(),
            because=because,
            head=chain.seal(),
        )
    )
    db.session.flush()
    return left
