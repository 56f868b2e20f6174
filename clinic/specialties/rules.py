"""What a doctor may be set down to practise."""

import re
from collections.abc import Collection

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_
from clinic.sites.rules import PointKind


class NotPractised(DomainError):
    """The usual specialty is not among those that the doctor practises."""

    code = "not_practised"
    status = 422


def usual_of(practised: Collection[str], usual: str | None) -> str | None:
    """Return the specialty whose queue opens first: the one named, or the only one; None for nobody's.

    Raises NotPractised where another is named, or none of several.
    """
    if usual and usual not in practised:
        raise NotPractised(N_("Choose one of those ticked above."), field="usual")
    if not usual and len(practised) > 1:
        raise NotPractised(N_("Several are ticked. Say whose queue opens first."), field="usual")
    return usual or next(iter(practised), None)


class BadRoom(DomainError):
    """A room cannot be opened or closed as asked."""

    code = "bad_room"
    status = 422


def ensure_stays_open(kind: PointKind, *, is_open: bool) -> None:
    """Refuse to close the one room through which everybody goes. Raises BadRoom."""
    if kind.is_single and not is_open:
        raise BadRoom(N_("Everybody goes through here: it cannot be closed."), field="is_open")


_CODE = re.compile("[A-Z][A-Z0-9]{1,9}")


class BadCode(DomainError):
    """A short name cannot be used as one."""

    code = "bad_code"
    status = 422


def read_code(typed: str) -> str:
    """Return a room's short name in capitals. Raises BadCode unless it is 2 to 10 Latin letters and digits."""
    code = typed.upper()
    if not _CODE.fullmatch(code):
        raise BadCode(N_("Write 2 to 10 Latin letters or digits, a letter first, such as GP."), field="code")
    return code
