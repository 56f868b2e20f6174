"""A person's names as they were told, in the script in which they were told; nothing is transliterated by machine."""

import re
from dataclasses import dataclass, replace

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, clean, name_codes

LONGEST_NAME = 60
_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_ARTICLE = re.compile(r"^(?:[ae]l[- ]|ال(?=...))", re.IGNORECASE)


class NameMissing(DomainError):
    """There is nothing by which to call the person."""

    code = "name_missing"
    status = 422


class SameScript(DomainError):
    """The other spelling stands in the script that is written already."""

    code = "same_script"
    status = 422


@dataclass(frozen=True, kw_only=True)
class Names:
    """Given, father's and family name in Arabic and in Latin letters, empty where it was never told."""

    given_ar: str = ""
    father_ar: str = ""
    family_ar: str = ""
    given_latin: str = ""
    father_latin: str = ""
    family_latin: str = ""

    @property
    def ar(self) -> str:
        """The given and the family name in Arabic letters."""
        return f"{self.given_ar} {self.family_ar}".strip()

    @property
    def latin(self) -> str:
        """The given and the family name in Latin letters."""
        return f"{self.given_latin} {self.family_latin}".strip()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Each whole spelling of the name that is known."""
        return tuple(name for name in (self.ar, self.latin) if name)

    @property
    def fathers(self) -> tuple[str, ...]:
        """Each spelling of the father's name that is known."""
        return tuple(name for name in (self.father_ar, self.father_latin) if name)

    @property
    def codes(self) -> frozenset[str]:
        """The sounds by which the person is found, by the father's name as well."""
        return frozenset(code for name in (*self.spellings, *self.fathers) for code in name_codes(name))


def is_arabic(text: str) -> bool:
    """Tell whether a name is written in Arabic letters."""
    return _ARABIC.search(text) is not None


def read_names(given: str, father: str, family: str, other: str = "") -> Names:
    """Sort names by the script that each is written in; `other` is the whole name as the other script spells it.

    Of `other` the first word is the given name, and the rest the family's. Raises NameMissing, SameScript.
    """
    given, father, family, other = (clean(name) for name in (given, father, family, other))
    if not given:
        raise NameMissing(N_("Write at least one name, as the person says it."), field="given")
    told = {
        f"{part}_{_script(name)}": name for part, name in (("given", given), ("father", father), ("family", family))
    }
    if not other:
        return Names(**told)
    script = _script(other)
    if script == _script(given):
        raise SameScript(
            N_("The name above is in these letters already. Write the other spelling here, or leave it empty."),
            field="other_spelling",
        )
    first, _, rest = other.partition(" ")
    names = Names(**told)
    return replace(names, **{f"given_{script}": first}, **({f"family_{script}": rest} if rest else {}))


def initials(name: str) -> str:
    """Return the first letter of each word of a name, articles apart: all that a slip or a label says of it."""
    return " ".join(f"{_ARTICLE.sub('', word)[:1]}." for word in name.split())


def _script(name: str) -> str:
    return "ar" if is_arabic(name) else "latin"
