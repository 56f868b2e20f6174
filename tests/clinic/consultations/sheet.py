"""The desk as a browser without a screen sees it: what its form holds, and what is sent when a button is pressed."""

from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


class _Form(HTMLParser):
    """Reads what the form `desk` would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._inside = False
        self._area: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("id") == "desk"
        elif not self._inside:
            return
        elif tag == "input":
            if told.get("type") not in {"checkbox", "radio"} or "checked" in told:
                self.sent.append((told["name"], told.get("value", "")))
        elif tag == "textarea":
            self._area = told["name"]
            self.sent.append((self._area, ""))
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and "selected" in told and self._select:
            self.sent.append((self._select, told.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, text = self.sent.pop()
            self.sent.append((name, text + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "form":
            self._inside = False


class Sheet:
    """One open window on a desk."""

    def __init__(self, client: FlaskClient, visit_key: str) -> None:
        self.client, self.address = client, f"/desk/{visit_key}"
        self.opened = client.get(self.address)
        self.fields = self.read(self.opened)

    @staticmethod
    def read(response: TestResponse) -> MultiDict[str, str]:
        """Return what the form of a page would send."""
        fields = MultiDict(_Form(response.get_data(as_text=True)).sent)
        for name in list(fields):
            fields.setlist(
                name,
                [text.removeprefix("\r").removeprefix("\n").replace("\r\n", "\n") for text in fields.getlist(name)],
            )
        return fields

    def write(self, **typed: str) -> "Sheet":
        """Type into fields; a low line in a medicine's name stands for the hyphen."""
        for name, text in typed.items():
            self.fields[name] = text
        return self

    def press(self, do: str = "", to: str = "draft", *, htmx: bool = False) -> TestResponse:
        """Press a button; where the answer is a page, it is what stands there now."""
        sent = MultiDict(self.fields)
        if do:
            sent["do"] = do
        headers = {"HX-Request": "true"} if htmx else {}
        answer = self.client.post(f"{self.address}/{to}", data=sent, headers=headers)
        if not htmx and answer.status_code == 303 and answer.location.startswith(self.address):
            self.opened = self.client.get(answer.location)
            self.fields = self.read(self.opened)
        elif not htmx and answer.status_code in {409, 422}:
            self.fields = self.read(answer)
        return answer

    @property
    def text(self) -> str:
        """The page as it was last opened."""
        return self.opened.get_data(as_text=True)
