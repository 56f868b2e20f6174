"""What a page holds, read as a browser would: its forms with what can be typed, its tags, its bare texts."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from html.parser import HTMLParser

_VOID = {"input", "br", "img", "meta", "link", "hr", "wbr", "source", "col", "area", "base", "embed", "track"}
_WITHOUT_WORDS = {"script", "style", "textarea", "svg"}

# a browser ends these at once; of the library's parsers some read on to the end of the page
_EMPTY_COMMENT = re.compile("<!---?>")


class Kind(StrEnum):
    """What can be done with a control."""

    TEXT = "text"
    SECRET = "secret"
    OFFERED = "offered"
    UNSEEN = "unseen"
    BUTTON = "button"
    FILE = "file"


@dataclass
class Control:
    """One name of a form: what stands in it, and what is offered."""

    name: str
    kind: Kind
    value: str | None = None
    offered: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page; `actions` are the places to which it, a button of it or htmx sends it."""

    actions: set[str]
    controls: dict[str, Control] = field(default_factory=dict)

    def put(self, name: str, kind: Kind, value: str | None, *, is_chosen: bool = True) -> Control:
        """Add a control, or one more answer to one that offers several."""
        control = self.controls.setdefault(name, Control(name, kind))
        if value is not None and kind in {Kind.OFFERED, Kind.BUTTON}:
            control.offered.append(value)
        if is_chosen:
            control.value = value
        return control


class Markup(HTMLParser):
    """A page taken apart."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self._named: dict[str, Form] = {}
        self._form: Form | None = None
        self._list: Control | None = None
        self._area: Control | None = None
        self._loose: list[tuple[str, str, dict[str, str]]] = []
        self.feed(_EMPTY_COMMENT.sub("<!-- -->", page))
        self.close()
        for owner, tag, told in self._loose:
            if owner in self._named:
                self._control(self._named[owner], tag, told)

    @cached_property
    def root(self) -> dict[str, str]:
        """The attributes of the page's root."""
        return next((told for tag, told in self.tags if tag == "html"), {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "form":
            self._form = Form({told[name] for name in ("action", "hx-post", "data-park") if told.get(name)})
            self.forms.append(self._form)
            self._named[told.get("id", "")] = self._form
            return
        if owner := told.get("form"):
            self._loose.append((owner, tag, told))
        elif self._form is not None:
            self._control(self._form, tag, told)
        elif told.get("hx-post"):
            self.forms.append(Form({told["hx-post"]}))

    def _control(self, form: Form, tag: str, told: dict[str, str]) -> None:
        form.actions |= {told[name] for name in ("formaction", "hx-post") if told.get(name)}
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "option" and self._list is not None:
            form.put(self._list.name, Kind.OFFERED, told.get("value"), is_chosen="selected" in told)
        if not name:
            return
        if tag == "select":
            self._list = form.put(name, Kind.OFFERED, None, is_chosen=False)
        elif tag == "textarea":
            self._area = form.put(name, Kind.TEXT, "")
        elif tag == "button":
            form.put(name, Kind.BUTTON, told.get("value", ""), is_chosen=False)
        elif tag == "input":
            kinds = {"hidden": Kind.UNSEEN, "password": Kind.SECRET, "file": Kind.FILE, "submit": Kind.BUTTON}
            if kind in {"radio", "checkbox"}:
                form.put(name, Kind.OFFERED, told.get("value", "on"), is_chosen="checked" in told)
            else:
                form.put(name, kinds.get(kind, Kind.TEXT), told.get("value", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._list = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            # the first line break inside a textarea is not part of what stands in it
            self._area.value = (self._area.value or "") + (data if self._area.value else data.lstrip("\r\n"))
        elif data.strip() and not _WITHOUT_WORDS & set(self._open):
            self.texts.append(" ".join(data.split()))
