"""Files that people hand in with a form: how large, of which kind, and what is kept of them.

A view that takes files says so by `@takes_files`; to every other address a large body is refused unread. The form's tag
needs `files=true`. What a field holds has been checked, and a photograph drawn anew, before a service sees it.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import Field, ValidationError
from wtforms.validators import StopValidation
from wtforms.widgets import FileInput

from clinic.kernel import blobs, i18n
from clinic.kernel.errors import DomainError
from clinic.kernel.i18n import _

View = Callable[..., ResponseReturnValue]


def takes_files(view: View) -> View:
    """Mark a view as one that takes files: its requests may be as large as a few of them."""
    view.takes_files = True  # type: ignore[attr-defined]  # read back by _let_in alone
    return view


def init_app(app: Flask, *, files: int = 3) -> None:
    """Let `files` files of the largest size in where a view takes them; must come before whatever reads a form."""
    most = files * blobs.MOST_BYTES + int(app.config["MAX_CONTENT_LENGTH"])

    def _let_in() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, "takes_files", False):
            request.max_content_length = most

    app.before_request(_let_in)


class _FileField(Field):
    """One file, read whole and checked; `data` are the bytes to keep."""

    widget = FileInput()
    media_type: str
    accept: ClassVar[str]

    def checked(self, data: bytes) -> bytes:
        """Return what is kept of a file; raises a DomainError where it cannot be taken."""
        raise NotImplementedError

    def __init__(self, label: str, *, required: bool = False, hint: str = "", **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        kwargs["render_kw"] = {"accept": self.accept, **(kwargs.get("render_kw") or {})}
        super().__init__(label, description=hint, **kwargs)
        self.flags.required = required
        self.data: bytes | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the file that was sent; an empty choice is none."""
        self.data = None
        sent = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)
        if sent is not None:
            try:
                self.data = self.checked(sent.stream.read(blobs.MOST_BYTES + 1))
            except DomainError as refusal:
                raise ValidationError(i18n.explain(refusal)) from refusal

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401, ARG002 - WTForms' own
        """Stop at a file that cannot be taken, and at a missing one."""
        if self.process_errors:
            raise StopValidation
        if self.data is None and self.flags.required:
            raise StopValidation(_("A file is needed here."))


class PhotoField(_FileField):
    """A photograph; `data` is a JPEG drawn anew, without its place and camera."""

    media_type = blobs.JPEG
    accept = "image/jpeg,image/png"

    def checked(self, data: bytes) -> bytes:
        """Return the photograph drawn anew."""
        return blobs.check_photo(data)


class EvidenceField(_FileField):
    """A photograph or a document as PDF, told apart by its first bytes; `media_type` says which it is."""

    media_type = blobs.JPEG
    accept = "image/jpeg,image/png,application/pdf"

    def checked(self, data: bytes) -> bytes:
        """Return the photograph drawn anew, or the document as it is."""
        self.media_type = blobs.PDF if blobs.is_pdf(data) else blobs.JPEG
        return blobs.check_pdf(data) if self.media_type == blobs.PDF else blobs.check_photo(data)
