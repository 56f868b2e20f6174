"""The addresses of the product, as its URL map has them, each with what its parameters name."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from werkzeug.routing import Rule

from clinic.app import create_app
from clinic.config import make_key, read_settings
from tests.walks.world import RECORDS, House

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One method of one rule."""

    endpoint: str
    method: str
    rule: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def parameters(self) -> dict[str, str]:
        """What each parameter names, in their order."""
        found = {}
        is_one = self.rule.count("<") == 1
        for match in _PARAMETER.finditer(self.rule):
            prefix = self.rule if is_one and self.rule in RECORDS else self.rule[: match.end()]
            assert prefix in RECORDS, (
                f"{self} has a parameter of which nobody says what it names. Add {prefix!r} to RECORDS in "
                "tests/walks/world.py, and the record to open_house where a house has none of its kind."
            )
            found[match.group(1)] = RECORDS[prefix]
        return found

    def at(self, house: House, **other: str) -> str:
        """Return the path that leads to a house's own records; `other` names keys for some parameters."""
        keys = {name: house.records[record] for name, record in self.parameters.items()} | other
        return _PARAMETER.sub(lambda match: keys[match.group(1)], self.rule)

    def all_at(self, house: House) -> list[str]:
        """Return the paths to all records of the kind that a house has: "batch held" beside "batch"; to one paper."""
        if len(self.parameters) != 1 or self.rule.endswith(".pdf"):
            return [self.at(house)]
        [(name, record)] = self.parameters.items()
        same = [key for other, key in house.records.items() if other == record or other.startswith(f"{record} ")]
        return [self.at(house, **{name: key}) for key in same]


@cache
def list_addresses() -> tuple[Address, ...]:
    """Return every address of the product."""
    with TemporaryDirectory() as keys, TemporaryDirectory() as instance:
        make_key(Path(keys))
        app = create_app(read_settings({"CLINIC_KEY_DIR": keys, "CLINIC_INSTANCE": instance}))
    return addresses_of(app)


def addresses_of(app: Flask) -> tuple[Address, ...]:
    """Return every address of `app`, in the order of their rules."""
    found = [
        Address(rule.endpoint, method, rule.rule) for rule in app.url_map.iter_rules() for method in _methods(rule)
    ]
    return tuple(sorted(found, key=str))


def _methods(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}
