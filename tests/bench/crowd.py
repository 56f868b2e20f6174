"""Names by the hundred thousand, the same every time: common ones often, rare ones seldom, and nobody real."""

from collections.abc import Sequence
from itertools import accumulate, product
from random import Random

from clinic.demo.people import FAMILIES, MEN, WOMEN
from clinic.patients.rules import Names, Sex

_CONSONANTS = (
    *(("ب", "b"), ("د", "d"), ("ر", "r"), ("س", "s"), ("ش", "sh"), ("ف", "f")),
    *(("ق", "q"), ("ل", "l"), ("م", "m"), ("ن", "n"), ("ح", "h"), ("ط", "t")),
)
_MOST_FAMILIES = 1500


def families() -> list[tuple[str, str]]:
    """Return family names in both scripts, the commonest first: the demo's, then ones of three consonants."""
    found = [
        (f"{a[0]}{b[0]}ا{c[0]}", f"{a[1]}a{b[1]}a{c[1]}".capitalize())
        for a, b, c in product(_CONSONANTS, repeat=3)
        if len({a, b, c}) == len("abc")
    ]
    Random(1).shuffle(found)  # noqa: S311 - the same names every time
    return [*FAMILIES, *found[:_MOST_FAMILIES]]


class Crowd:
    """Draws people's names; the n-th of a list is drawn about half as often as the first of each doubling."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.families = families()
        self._family_weights = _weights(self.families)
        self._given = {sex: (names, _weights(names)) for sex, names in ((Sex.MALE, MEN), (Sex.FEMALE, WOMEN))}

    def draw(self) -> tuple[Sex, Names]:
        """Return someone's sex and names: in both scripts, or as one in five is written, in one alone."""
        sex = Sex.MALE if self.chance.random() < 0.45 else Sex.FEMALE
        given, weights = self._given[sex]
        [(given_ar, given_latin)] = self.chance.choices(given, cum_weights=weights)
        [(family_ar, family_latin)] = self.chance.choices(self.families, cum_weights=self._family_weights)
        father_ar, father_latin = self.chance.choice(MEN)
        script = self.chance.random()
        arabic = {"given_ar": given_ar, "father_ar": father_ar, "family_ar": family_ar} if script >= 0.1 else {}
        latin = {"given_latin": given_latin, "family_latin": family_latin} if script < 0.9 else {}
        if not arabic:
            latin["father_latin"] = father_latin
        return sex, Names(**arabic, **latin)


def _weights(names: Sequence[object]) -> list[float]:
    return list(accumulate(1 / (place + 3) for place in range(len(names))))
