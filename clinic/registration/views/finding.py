"""One box: whoever is meant is found, listed, and chosen."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.auth.services import remember
from clinic.kernel.access import require, scope, subject
from clinic.kernel.db import transaction
from clinic.patients.queries import Findings, get_patient_by_id
from clinic.patients.queries import search as find
from clinic.patients.rules import Reason
from clinic.registration.forms import SearchForm
from clinic.registration.views.desk import blueprint, desk_page, open_desk, payload

_CERTAIN = (Reason.SAME_NUMBER, Reason.RECORD_NUMBER, Reason.SAME_PHONE)


@blueprint.get("")
@require(Permission.PATIENT_SEARCH)
def search() -> ResponseReturnValue:
    """Show the box, and tonight."""
    return desk_page(open_desk())


@blueprint.post("/search")
@require(Permission.PATIENT_SEARCH)
def look_up() -> ResponseReturnValue:
    """Look for whoever is meant, and lead to the list; to the person at once where a number leaves no doubt."""
    form, mine, session_id = SearchForm(), scope(), subject().session_id
    if not form.validate() or not form.words.data:
        return redirect(url_for("registration.search"), 303)
    findings = find(mine, form.words.data)
    certain = get_patient_by_id(mine, findings.traces[0].patient_id).key if _is_certain(findings) else ""
    with transaction():
        key = remember(session_id, payload(form.words.data, findings.traces, is_cut=findings.is_cut))
    if certain:
        return redirect(url_for("registration.person", key=certain, found=key), 303)
    return redirect(url_for("registration.found", key=key), 303)


@blueprint.get("/found/<key>")
@require(Permission.PATIENT_SEARCH)
def found(key: str) -> ResponseReturnValue:
    """Show whom a search found."""
    return desk_page(open_desk(key))


@blueprint.get("/<key>")
@require(Permission.PATIENT_SEARCH)
def person(key: str) -> ResponseReturnValue:
    """Show one person at the side, to be given a number for tonight."""
    return desk_page(open_desk(request.args.get("found", ""), key))


def _is_certain(findings: Findings) -> bool:
    return len(findings.traces) == 1 and bool(set(_CERTAIN) & set(findings.traces[0].reasons))
