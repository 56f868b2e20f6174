"""Refusals that a person at a desk can read, and mistakes that only a programmer can mend."""

from collections.abc import Mapping


class DomainError(Exception):
    """Refuse an act for a reason that belongs to the work, in words that the desk can act on.

    `message` is a msgid with named placeholders, translated at the edge and filled from `values`; `field` names the
    answer that is wrong, where one is. A subclass gives `code`, by which pages and clients tell refusals apart.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.field = field
        self.values: Mapping[str, object] = values


class NotFound(DomainError):
    """There is no such record within the caller's scope."""

    code = "not_found"
    status = 404


class Stale(DomainError):
    """The record changed since it was read; nothing is overwritten."""

    code = "stale"


class Busy(DomainError):
    """The write queue did not come free in time; the act may be tried again as it stands."""

    code = "busy"
    status = 503


class ProgrammingMistake(Exception):
    """The code broke one of its own rules; no user can mend this (500)."""
