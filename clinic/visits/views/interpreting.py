"""The interpreters' page: who is here tonight, in which language and which room."""

from collections import Counter

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.kernel import audit, clock
from clinic.kernel.access import require, scope
from clinic.kernel.i18n import _
from clinic.patients.rules import Language
from clinic.sites.queries import get_site
from clinic.visits import queries
from clinic.visits.rules import PlaceState

blueprint = Blueprint("interpreting", __name__, url_prefix="/interpreting")


@blueprint.get("")
@require(Permission.INTERPRET)
def queue() -> ResponseReturnValue:
    """Show who is here tonight, all or those of one language."""
    mine = scope()
    audit.record_read_once("BOARD", f"interpreting {get_site(mine).key}")
    speakers = queries.list_speakers(mine)
    counted = Counter(one.language for one in speakers)
    wanted = request.args.get("language", "")
    return render_template(
        "interpreting/queue.html",
        speakers=[one for one in speakers if wanted in {"", one.language}],
        languages=[(code, _(Language(code).label), number) for code, number in counted.most_common()],
        words_of={code: _(Language(code).label) for code in counted},
        wanted=wanted,
        here=sum(one.state is not PlaceState.WAITING for one in speakers),
        now=clock.now(),
    )
