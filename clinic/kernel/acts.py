"""A form that acts: validated, carried out once in one transaction, and its refusal shown where it belongs."""

from collections.abc import Callable

from clinic.kernel.access import scope
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError, NotFound
from clinic.kernel.fields import DeskForm
from clinic.kernel.operations import once


def act_once(form: DeskForm, action: str, act: Callable[[], object], *, place: str, about: str = "") -> bool:
    """Do what a valid form asks for, once under its key, and tell whether it is done.

    The same form a second time does nothing; with other answers it is refused. `place` is the address of the answer,
    `about` the record that the address names. A refusal is left with the form, but for a record that is not there.
    """
    if not form.validate():
        return False
    try:
        with transaction():
            content = {"about": about, "sent": form.sent}
            if not once(scope().user_id, action, form.op.data or "", content, answer=place).is_repeat:
                act()
    except NotFound as refusal:
        if refusal.field is None:
            raise
        form.refuse(refusal)
    except DomainError as refusal:
        form.refuse(refusal)
    else:
        return True
    return False
