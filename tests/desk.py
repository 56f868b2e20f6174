"""A browser without a screen."""

from collections.abc import Mapping
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart


class HiddenFields(HTMLParser):
    """Reads from a page what its forms carry unseen: the token against forgery, the operation's key, a version."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._action: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action = told.get("action", "")
            self.forms.setdefault(self._action, {})
        elif tag == "input" and told.get("type") == "hidden" and self._action is not None:
            self.forms[self._action][told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._action = None


class DeskClient(FlaskClient):
    """A browser without a screen: a form is opened before it is sent, and what it carries unseen goes with it."""

    def submit(self, page: str, data: Mapping[str, str | list[str]], *, to: str | None = None) -> TestResponse:
        """Open `page`, then send its form whose action is `to` (its last form, where that is not said) with `data`."""
        opened = self.get(page, follow_redirects=True)
        forms = HiddenFields(opened.get_data(as_text=True)).forms
        assert forms, f"{page} answered {opened.status_code} and shows no form"
        action = list(forms)[-1] if to is None else to
        return self.post(urlsplit(action).path or opened.request.path, data={**forms[action], **data})


def send_files(client: FlaskClient, path: str, fields: Mapping[str, str | bytes]) -> TestResponse:
    """Send `fields`, those of bytes as files, as a browser does; the client's own way leaves a temporary file open."""
    files = {
        name: FileStorage(BytesIO(data), "C:\\x\\..\\photo.exe")
        for name, data in fields.items()
        if isinstance(data, bytes)
    }
    boundary, body = encode_multipart({**fields, **files})
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")
