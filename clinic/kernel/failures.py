"""What is said when a request cannot be answered: a page, a piece for htmx, or a problem in JSON (RFC 9457).

Each carries the number of its request; what happened stands under that number in the log, and nowhere else.
"""

from dataclasses import dataclass, replace

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from clinic.kernel.errors import DomainError
from clinic.kernel.i18n import _, explain
from clinic.kernel.logs import reference
from clinic.kernel.text import N_

_SERVER = 500
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")

_WORDS = {
    400: (N_("This could not be read."), N_("Nothing was saved. Go back, open the page anew and try once more.")),
    401: (N_("Nobody is signed in here."), N_("Nothing was saved. Sign in, then go on.")),
    403: (
        N_("This is not open to you."),
        N_("If your work needs it, ask the administrator for the role that opens it."),
    ),
    404: (
        N_("There is nothing here."),
        N_("The address may be cut short, or what stood here belongs to another site."),
    ),
    405: (N_("This address does something else."), N_("Nothing was done. Use the buttons of the page.")),
    409: (N_("Not saved."), N_("Something changed meanwhile. Open the page anew and look.")),
    413: (N_("This is too large."), N_("Nothing was saved. Send a smaller file, or a shorter text.")),
    422: (N_("Not saved."), N_("Something in it cannot be taken. Go back and look at it again.")),
    429: (N_("Too many tries."), N_("Wait a minute, then try again.")),
    500: (N_("This did not work."), N_("Look whether it was saved before you do it again.")),
    503: (N_("Not now."), N_("The clinic's records do not answer. Wait a moment, then try again.")),
}
_FORGED = (
    N_("Not saved."),
    N_("This page was opened before the last sign-in. Open it anew in a second window and copy what you typed."),
)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What there is to say: the words are in the language of the page; `code` is for programs."""

    status: int
    title: str
    words: str
    code: str
    field: str | None = None


def init_app(app: Flask) -> None:
    """Let `app` answer every failure in words."""
    app.register_error_handler(CSRFError, _answer_forged)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(DomainError, _answer_refusal)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, _answer_silent_database)


def _answer_http(error: HTTPException) -> Response:
    response = _answer(_failure(error.code or _SERVER))
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            response.headers[name] = value
    return response


def _answer_forged(error: CSRFError) -> Response:
    title, words = _FORGED
    return _answer(Failure(status=error.code or 400, title=_(title), words=_(words), code="csrf"))


def _answer_refusal(refusal: DomainError) -> Response:
    plain = _failure(refusal.status)
    return _answer(replace(plain, words=explain(refusal), code=refusal.code, field=refusal.field))


def _answer_silent_database(error: Exception) -> Response:
    if current_app.testing:
        raise error  # as Flask does with every other surprise under test
    current_app.logger.error("the database does not answer", exc_info=error)
    return _answer(_failure(503))


def _failure(status: int) -> Failure:
    title, words = _WORDS.get(status) or _WORDS[_SERVER if status >= _SERVER else 400]
    return Failure(status=status, title=_(title), words=_(words), code=f"http_{status}")


def _answer(failure: Failure) -> Response:
    current_app.logger.info("answered %s, %s", failure.status, failure.code)
    if _is_program():
        response = make_response(_problem(failure))
        response.mimetype = "application/problem+json"
    elif "HX-Request" in request.headers:
        response = make_response(_rendered("errors/piece.html", failure))
    elif failure.status >= _SERVER or isinstance(request.routing_exception, SecurityError):
        response = make_response(_rendered("errors/bare.html", failure))
    else:
        response = make_response(render_template("errors/page.html", failure=failure, reference=reference()))
    response.status_code = failure.status
    return response


def _rendered(template: str, failure: Failure) -> str:
    """Return a template without the context that every page gets: gathering it may be what failed.

    For a host that is not ours no address can be made either.
    """
    return current_app.jinja_env.get_template(template).render(failure=failure, reference=reference())


def _is_program() -> bool:
    return (
        request.is_json or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _problem(failure: Failure) -> dict[str, object]:
    problem = {
        "type": "about:blank",
        "title": failure.title,
        "status": failure.status,
        "detail": failure.words,
        "code": failure.code,
        "reference": reference(),
    }
    return problem | ({"field": failure.field} if failure.field else {})
