"""The edge of the product: what every answer carries, which requests are believed, and the safe way back."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic.kernel import failures, health, paging, uploads

LARGEST = 2**20
_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

CONTENT_POLICY = "; ".join(
    [
        *(f"{kind}-src 'self'" for kind in ("default", "script", "style", "img", "font", "connect")),
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    # the check against forged forms needs the referrer of our own pages
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
YEAR_OF_TLS = "max-age=31536000"


def init_app(app: Flask) -> None:
    """Give `app` its edge: cookies, limits, trusted names and proxies, forged forms refused, headers, failures."""
    settings = app.config["CLINIC"]
    name = urlsplit(settings.public_url).hostname
    app.config.from_mapping(
        {
            "MAX_CONTENT_LENGTH": LARGEST,
            "MAX_FORM_MEMORY_SIZE": LARGEST,
            # a browser drops a __Host- cookie that is not Secure, and a Secure one on plain http
            "SESSION_COOKIE_NAME": "__Host-clinic" if settings.is_tls else "clinic",
            "SESSION_COOKIE_SECURE": settings.is_tls,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "TRUSTED_HOSTS": [name] if settings.is_tls else _LOOPBACK,
            "WTF_CSRF_TIME_LIMIT": None,  # a form left open for an hour is still this session's
            "WTF_I18N_ENABLED": False,  # the words are ours
        }
    )
    failures.init_app(app)
    uploads.init_app(app)
    CSRFProtect(app)
    app.register_blueprint(health.blueprint)
    app.jinja_env.filters["counted"] = paging.counted
    app.after_request(_carry_headers)
    if settings.is_tls:
        app.wsgi_app = _staying_on_tls(app.wsgi_app)  # type: ignore[assignment,method-assign]  # as Flask documents it
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def safe_next(default: str) -> str:
    """Return the place of this product that the request names as `next`, or `default`."""
    place = request.values.get("next", "")
    return place if is_own_place(place) else default


def is_own_place(place: str) -> bool:
    """Return whether `place` is a path of this product: no browser reads another host out of it."""
    return re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", place) is not None


def _carry_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _staying_on_tls(answer: WSGIApplication) -> WSGIApplication:
    """Wrap the whole application, its files too: those are answered before Flask."""

    def stay(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - as WSGI has it
            return start(status, [*headers, ("Strict-Transport-Security", YEAR_OF_TLS)], *more)

        return answer(environ, begin)

    return stay
