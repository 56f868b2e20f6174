"""Someone at a browser, over real HTTP or in process; what is asked with `timed` is what an act costs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from flask import Flask

from clinic.kernel.db import new_key
from tests.desk import HiddenFields
from tests.statements import count_statements

PASSWORD = "bench evening words"
SECONDS = 30
IDLE_S = 1.0


class Refused(AssertionError):
    """The product answered otherwise than the act must end."""


class Visitor:
    """A signed-in browser; `spent` is seconds of timed requests, `told` their statements where they can be seen."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.told = 0
        self._token = ""

    def send(self, path: str, data: Mapping[str, str] | None) -> tuple[int, str, str]:
        """Return the status, the place led to and the page that a GET, or a POST of `data`, is answered with."""
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of the connection, where there is one."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Measure what is asked inside the block."""
        began = perf_counter()
        yield
        self.spent += perf_counter() - began

    def get(self, path: str, *, timed: bool = True) -> str:
        """Open a page."""
        return self._ask(path, None, 200, timed=timed)[1]

    def post(self, path: str, data: Mapping[str, str], *, timed: bool = True) -> str:
        """Send a form under a new operation key; return where the answer leads."""
        sent = {"csrf_token": self._token, "op": new_key(), **data}
        return self._ask(path, sent, 303, timed=timed)[0]

    def sign_in(self, username: str) -> None:
        """Come in by the door, as everybody does."""
        forms = HiddenFields(self.send("/sign-in", None)[2]).forms
        token = next(fields["csrf_token"] for fields in forms.values() if "csrf_token" in fields)
        told = {"csrf_token": token, "op": new_key(), "username": username, "password": PASSWORD}
        status, _, page = self.send("/sign-in", told)
        if status not in {302, 303}:
            raise Refused(f"{username} was not let in: {status} {page[:2000]}")
        self._token = self.fields("/account")["csrf_token"]

    def fields(self, path: str, action: str = "") -> dict[str, str]:
        """Return what a page's form carries unseen; opening it is not timed."""
        forms = HiddenFields(self.get(path, timed=False)).forms
        return forms[action] if action else next(iter(forms.values()))

    def _ask(self, path: str, data: Mapping[str, str] | None, wanted: int, *, timed: bool) -> tuple[str, str]:
        if timed:
            with self.watching():
                status, place, page = self.send(path, data)
        else:
            status, place, page = self.send(path, data)
        if status != wanted:
            raise Refused(f"{path} answered {status}, not {wanted}: {page[:2000]}")
        return place, page


class Wire(Visitor):
    """A browser on one connection of its own to a server on this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self._cookies: dict[str, str] = {}
        self._last = perf_counter()

    def leave(self) -> None:
        self._connection.close()

    def send(self, path: str, data: Mapping[str, str] | None) -> tuple[int, str, str]:
        if perf_counter() - self._last > IDLE_S:
            self._connection.close()  # the server will have; the next request opens it anew
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(
            "GET" if data is None else "POST", path, urlencode(data) if data is not None else None, headers
        )
        answer = self._connection.getresponse()
        page = answer.read().decode()
        self._last = perf_counter()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, urlsplit(answer.headers.get("Location") or "").path, page


class Inside(Visitor):
    """A browser without a server, beside whose timed requests every statement is counted."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app, self._client = app, app.test_client()

    @contextmanager
    def watching(self) -> Iterator[None]:
        with count_statements(self._app) as told, super().watching():
            yield
        self.told += len(told)

    def send(self, path: str, data: Mapping[str, str] | None) -> tuple[int, str, str]:
        answer = self._client.get(path) if data is None else self._client.post(path, data=data)
        return answer.status_code, urlsplit(answer.location or "").path, answer.get_data(as_text=True)
