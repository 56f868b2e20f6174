"""The forms of the product, found by opening every page in every role and reading what can be sent from it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException

from clinic.auth.roles import Role
from tests.walks.addresses import list_addresses
from tests.walks.ground import Walk
from tests.walks.markup import Control, Form, Kind, Markup
from tests.walks.test_routes import those_who_may
from tests.walks.visitor import Visitor

# Acts that no page of the world's first state shows a form for, with who may do them and what they read.
# An act that is missing here and on every page fails with the request to be added.
UNSHOWN: dict[str, tuple[Role, str]] = {
    "auth.sit_down": (Role.NURSE, "badge-badge badge-pin"),
    "consultations.absent": (Role.DOCTOR, "at"),
    "consultations.put_back": (Role.DOCTOR, "at"),
    "consultations.start": (Role.DOCTOR, "at"),
    "handovers.answer": (Role.RECEIVER, "username secret sha256"),
}

# what the shell sends beside any form of its own
OF_THE_SHELL = {"csrf_token", "op", "next"}


@dataclass(frozen=True)
class Sending:
    """A form as one person sends it from one page; nobody where it is sent without signing in."""

    endpoint: str
    path: str
    role: Role | None
    controls: tuple[Control, ...]

    @property
    def names(self) -> set[str]:
        """What can be answered."""
        return {control.name for control in self.controls}


def find_forms(walk: Walk) -> dict[str, Sending]:
    """Return, by endpoint, the fullest form that the pages of the world offer for it."""
    found: dict[str, list[Sending]] = defaultdict(list)
    for role in (None, *Role):
        visitor = Visitor(walk.app, walk.world.here.staff[role] if role else None)
        for address in list_addresses():
            is_open = address.method == "GET" and (role is None or role in those_who_may(address))
            for path in address.all_at(walk.world.here) if is_open else ():
                page = visitor.client.get(path)
                if page.mimetype == "text/html":
                    for sending in _sendings(walk, page.get_data(as_text=True), path, role):
                        found[sending.endpoint].append(sending)
    for endpoint, (role, fields) in UNSHOWN.items():
        [address] = [one for one in list_addresses() if one.endpoint == endpoint and one.method == "POST"]
        controls = tuple(Control(name, Kind.TEXT) for name in fields.split())
        found[endpoint].append(Sending(endpoint, address.at(walk.world.here), role, controls))
    return {endpoint: max(sendings, key=lambda one: len(one.names)) for endpoint, sendings in found.items()}


def _sendings(walk: Walk, page: str, here: str, role: Role | None) -> Iterator[Sending]:
    for form in Markup(page).forms:
        for action in form.actions or {here}:
            endpoint = _endpoint(walk, action or here)
            if endpoint:
                yield Sending(endpoint, action or here, role, _answerable(form))


def _answerable(form: Form) -> tuple[Control, ...]:
    return tuple(control for control in form.controls.values() if control.name not in OF_THE_SHELL)


def _endpoint(walk: Walk, action: str) -> str | None:
    try:
        rule, _ = walk.app.url_map.bind("localhost").match(urlsplit(action).path, method="POST", return_rule=True)
    except HTTPException:
        return None
    endpoint: str = rule.endpoint
    return endpoint
