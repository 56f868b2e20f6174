"""What the process says of itself: one line a fact, with the request's number, and nothing that anybody typed.

Messages of exceptions are kept only where our own code or Python's own words make them: a database's complaint, or
`int()`'s, quotes the patient's name.
"""

import logging
import secrets
import time
import traceback
from types import TracebackType

from flask import Flask, g, has_app_context
from flask.logging import default_handler
from jinja2 import TemplateError

from clinic.kernel.errors import ProgrammingMistake

_LINE = "%(asctime)sZ %(levelname)s %(reference)s %(name)s: %(message)s"
_QUOTES_NOBODY = (ProgrammingMistake, TemplateError, ImportError, AttributeError, NameError, TypeError)


def init_app(app: Flask) -> None:
    """Let everything in the process write such lines to the server's error stream."""
    default_handler.setFormatter(LineFormatter(_LINE))
    logging.getLogger().addHandler(default_handler)
    app.logger.setLevel(logging.INFO)


def reference() -> str:
    """Return the number of this request, that its pages show and its log lines carry: "7F3A-91C2"."""
    if "reference" not in g:
        digits = secrets.token_hex(4).upper()
        g.reference = f"{digits[:4]}-{digits[4:]}"
    return str(g.reference)


class LineFormatter(logging.Formatter):
    """One line a record, in UTC; the lines of a traceback are set off, so that none passes for a record of its own."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Return the record with the number of its request."""
        record.reference = reference() if has_app_context() else "-"
        record.exc_text = None  # another handler may have kept its own, with every message
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the record's own line."""
        return _on_one_line(super().formatMessage(record))

    def formatException(  # noqa: N802 - logging's own name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return where it happened and what kind it was, without what it quotes."""
        told: list[str] = []
        error = ei[1]
        while error is not None:
            words = f": {error}" if isinstance(error, _QUOTES_NOBODY) else ""
            told = [*traceback.format_tb(error.__traceback__), type(error).__name__ + words, *told]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(f"  | {_on_one_line(line)}" for block in told for line in block.splitlines())


def _on_one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
