"""The slip that a person holds while waiting: number, room, day; nobody can read from it who it is or what for."""

from dataclasses import dataclass
from datetime import datetime

from clinic.kernel import i18n
from clinic.kernel.i18n import _
from clinic.kernel.text import N_
from clinic.registration.words import named
from clinic.sites.models import Site
from clinic.sites.rules import PointKind
from clinic.visits.queries import Stop


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What a slip says, in the person's language and once more in Turkish; of the name the initials alone."""

    visit_key: str
    number: int
    arrived_at: datetime
    initials: str
    language: str
    stops: tuple[Stop, ...]
    site: Site

    @property
    def first(self) -> Stop | None:
        """Where the nurse takes the vital signs, before anything else."""
        return next((stop for stop in self.stops if stop.kind is PointKind.TRIAGE), None)

    @property
    def rest(self) -> list[Stop]:
        """Where the person waits then."""
        return [stop for stop in self.stops if stop is not self.first]

    @property
    def languages(self) -> list[str]:
        """The languages of the slip, the person's first."""
        return list(dict.fromkeys((self.language, "tr")))

    @property
    def spoken(self) -> str:
        """The name of the person's language, in the language of the page."""
        return i18n.language_name(self.language)


@dataclass(frozen=True)
class Said:
    """The words of one part of the slip."""

    site: str
    number: str
    lines: list[str]


def slip_words(slip: Slip, code: str) -> Said:
    """Return what the slip says in one language."""
    with i18n.in_language(code):
        lines = [_place(N_("First: %(place)s"), slip.first)] if slip.first else []
        lines += [
            _place(N_("Then: %(place)s") if slip.first else N_("Wait for: %(place)s"), stop) for stop in slip.rest
        ]
        lines.append(_("Wait until your number is called. If you feel worse, tell the nurse at once."))
        return Said(named(slip.site), _("Your number is %(number)s.", number=slip.number), lines)


def _place(words: str, stop: Stop) -> str:
    room = _("%(name)s, room %(room)s", name=named(stop), room=i18n.isolated(stop.room)) if stop.room else named(stop)
    return _(words, place=room)
