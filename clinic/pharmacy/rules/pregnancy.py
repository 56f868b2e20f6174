"""What a formulary's words on pregnancy come to in a given week. Pure.

The words are those of the formulary; nobody has confirmed them, nor the weeks by which trimesters are told here: the
first ends with week 13, the third begins with week 28, near term is from week 36.
"""

import re

from clinic.pharmacy.rules.kinds import Weight

_FORBIDS = ("contraindicated", "not used in pregnancy", "stop in pregnancy")
_ALLOWS = ("compatible", "recommended", "used in pregnancy", "continue", "give if indicated", "usable", "eclampsia")
_MENTIONS = ("use if", "dose may")
_ALWAYS = 99
# What a clause says of its time: the words, the first and the last full week.
_TIMES = (
    (re.compile(r"from (\d+) weeks"), None, _ALWAYS),
    (re.compile("1st trimester"), 0, 13),
    (re.compile("2nd-3rd trimester"), 14, _ALWAYS),
    (re.compile("(?<!-)3rd trimester"), 28, _ALWAYS),
    (re.compile("near term|at term|late pregnancy"), 36, _ALWAYS),
)


def caution_weight(caution: str, weeks: int | None) -> Weight | None:
    """Return how much a caution weighs in a pregnancy of so many full weeks; None where nothing speaks against it.

    Clauses are parted by semicolons and the gravest that holds in this week counts. Without the weeks each holds; words
    that are not understood are asked about.
    """
    weights = [
        _weight(clause) for clause in caution.lower().split(";") if clause.strip() and _holds(clause.strip(), weeks)
    ]
    return min((weight for weight in weights if weight), key=list(Weight).index, default=None)


def _weight(clause: str) -> Weight | None:
    clause = clause.strip()
    if clause.startswith(_FORBIDS):
        return Weight.STOP
    if clause.startswith(_ALLOWS):
        return None
    return Weight.NOTE if clause.startswith(_MENTIONS) else Weight.ASK


def _holds(clause: str, weeks: int | None) -> bool:
    """Tell whether a clause speaks of this week; one that names no time holds always."""
    named = [
        (int(found[1]) if first is None else first, last)
        for words, first, last in _TIMES
        if (found := words.search(clause))
    ]
    return not named or weeks is None or any(first <= weeks <= last for first, last in named)
