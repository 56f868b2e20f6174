"""A form that acts: validated, carried out once in one transaction, and its refusal shown where it belongs."""

from collections.abc import Callable

from clinic.kernel.access import scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.fields import DeskForm
from clinic.kernel.operations import once


def act_once(form: DeskForm, action: str, act: Callable[[], object], *, place: str, about: str = "") -> str:
    """Do what a valid form asks for, once under its key, and return the address of its answer; empty where refused.

    The same form a second time does nothing and is told the first one's answer; with others in it, it is refused.
    `place` is the address of the answer, `about` the record that the form's own address names. A refusal is left with
    the form, but for a record that is not there.
    """
    if not form.validate():
        return ""
    try:
        with transaction():
            content = {"about": about, "sent": form.sent}
            claim = once(scope().user_id, action, form.op.data or "", content, answer=place)
            if not claim.is_repeat:
                act()
    except NotFound as refusal:
        if refusal.field is None:
            raise
        form.refuse(refusal)
    except DomainError as refusal:
        form.refuse(refusal)
    else:
        return claim.answer
    return ""
