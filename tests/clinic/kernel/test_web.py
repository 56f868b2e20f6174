import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, abort, render_template_string, request, session
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from clinic.app import create_app
from clinic.config import Settings
from clinic.kernel import logs, web
from clinic.kernel.access import public
from clinic.kernel.db import db
from clinic.kernel.errors import Busy, DomainError, NotFound, ProgrammingMistake, Stale

REFERENCE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
SECRET = "Amal Haddad"
FORM = """<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"></form>"""


class Short(DomainError):
    code = "short"


FAILURES: dict[str, Callable[[], Exception]] = {
    "short": lambda: Short("Only %(left)s left.", field="amount", left=3),
    "lost": lambda: NotFound("There is no such box."),
    "stale": lambda: Stale("Changed."),
    "busy": lambda: Busy("Others are saving."),
    "mistake": lambda: ProgrammingMistake("a rule of the code was broken"),
    "surprise": lambda: ValueError(f"invalid literal: '{SECRET}'"),
}


def _failure(how: str) -> Exception:
    return FAILURES[how]()


def _add_rooms(app: Flask) -> None:
    @app.get("/fail/<how>")
    @public
    def fail(how: str) -> str:
        if how.isdigit():
            abort(int(how))
        raise _failure(how)

    @app.route("/form", methods=["GET", "POST"])
    @public
    def desk() -> str:
        return render_template_string(FORM) + request.form.get("name", "")

    @app.get("/silent")
    @public
    def silent() -> str:
        asked = "SELECT :name FROM nowhere"
        if db.engine.dialect.name == "postgresql":  # where a table that is not there is no trouble of the server's
            db.session.execute(text("SET LOCAL statement_timeout = 1"))
            asked = "SELECT CAST(:name AS VARCHAR(9)) FROM pg_sleep(9)"
        db.session.execute(text(asked), {"name": SECRET})
        return ""

    @app.get("/download")
    @public
    def download() -> tuple[str, dict[str, str]]:
        return "", {"Cache-Control": "private, max-age=60"}

    @app.get("/next")
    @public
    def following() -> str:
        return web.safe_next("/")

    @app.get("/seen")
    @public
    def seen() -> dict[str, object]:
        session["seen"] = "yes"
        return {"host": request.host, "is_secure": request.is_secure, "address": request.remote_addr}


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a few rooms that fail, answering as in a clinic and not as under test."""
    _add_rooms(app)
    app.testing = False
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _fail(client: FlaskClient, how: object, **headers: str) -> TestResponse:
    return client.get(f"/fail/{how}", headers={name.replace("_", "-"): value for name, value in headers.items()})


# ---- failures


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 418, 422, 429, 500, 502, 503])
@pytest.mark.parametrize(("language", "word"), [("en", "say the number"), ("tr", "numara"), ("ar", "الرقم")])
def test_a_failure_is_a_page_in_words_with_a_number(client: FlaskClient, status: int, language: str, word: str) -> None:
    answer = _fail(client, status, Accept_Language=language)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f'<html lang="{language}"' in answer.text
    assert word in answer.text
    assert REFERENCE.search(answer.text)


@pytest.mark.parametrize("status", [400, 403, 409, 500, 503])
def test_htmx_is_given_a_short_piece_and_no_page(client: FlaskClient, status: int) -> None:
    answer = _fail(client, status, HX_Request="true")
    assert answer.status_code == status
    assert answer.text.startswith("<p>")
    assert "<html" not in answer.text
    assert REFERENCE.search(answer.text)


@pytest.mark.parametrize(
    ("how", "status", "code", "detail"),
    [
        ("short", 409, "short", "Only 3 left."),
        ("lost", 404, "not_found", "There is no such box."),
        ("stale", 409, "stale", "Changed."),
        ("busy", 503, "busy", "Others are saving."),
        ("404", 404, "http_404", "The address may be cut short, or what stood here belongs to another site."),
        ("mistake", 500, "http_500", "Look whether it was saved before you do it again."),
    ],
)
def test_a_program_is_given_a_problem(client: FlaskClient, how: str, status: int, code: str, detail: str) -> None:
    answer = _fail(client, how, Accept="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = answer.get_json(force=True)
    assert (problem["status"], problem["code"], problem["detail"]) == (status, code, detail)
    assert problem.get("field") == ("amount" if how == "short" else None)
    assert REFERENCE.fullmatch(problem["reference"])


def test_who_sends_json_is_a_program(client: FlaskClient) -> None:
    answer = client.post("/nowhere", json={"name": "x"})
    assert answer.mimetype == "application/problem+json"


def test_a_refusal_that_no_view_caught_is_said_with_its_own_status(client: FlaskClient) -> None:
    answer = _fail(client, "short")
    assert answer.status_code == 409
    assert "Only 3 left." in answer.text


def test_a_method_that_an_address_does_not_take_is_named_by_those_it_takes(client: FlaskClient) -> None:
    answer = client.delete("/download")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("how", ["surprise", "mistake"])
def test_a_surprise_shows_its_number_and_nothing_else(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    answer = _fail(client, how)
    assert answer.status_code == 500
    for inside in ("Traceback", "Error", SECRET, "rule of the code", ".py"):
        assert inside not in answer.text
    assert any(record.exc_info for record in caplog.records)


def test_a_database_that_does_not_answer_is_a_moments_wait(client: FlaskClient) -> None:
    answer = client.get("/silent")
    assert answer.status_code == 503
    assert "do not answer" in answer.text


def test_under_test_a_database_that_does_not_answer_says_why(app: Flask) -> None:
    app.testing = True
    with pytest.raises(OperationalError):
        app.test_client().get("/silent")


def test_a_frame_that_fails_itself_still_ends_in_words(app: Flask) -> None:
    @app.context_processor
    def broken() -> dict[str, object]:
        raise ValueError("the frame")

    assert "This did not work." in app.test_client().get("/fail/404").text
    assert app.test_client().get("/fail/404").status_code == 500


def test_a_redirect_is_no_failure(app: Flask) -> None:
    @app.get("/folder/")
    @public
    def folder() -> str:
        return ""

    assert app.test_client().get("/folder").status_code == 308


# ---- the log


@pytest.fixture
def lines(app: Flask) -> Iterator[list[str]]:
    """What the log would write, record by record."""
    kept: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(self.format(record))

    keeper = Keeper()
    keeper.setFormatter(logs.LineFormatter(logs._LINE))
    logging.getLogger().addHandler(keeper)
    yield kept
    logging.getLogger().removeHandler(keeper)


def test_the_number_on_the_page_finds_the_exception_in_the_log(client: FlaskClient, lines: list[str]) -> None:
    [number] = set(REFERENCE.findall(_fail(client, "surprise").text))
    [told] = [line for line in lines if "Exception on" in line]
    assert number in told
    assert "ValueError" in told
    assert "test_web.py" in told


@pytest.mark.parametrize("place", ["/fail/surprise", "/silent"])
def test_the_log_never_quotes_what_an_exception_quotes(client: FlaskClient, lines: list[str], place: str) -> None:
    client.get(place)
    assert lines
    assert SECRET not in "".join(lines)


def test_the_words_of_our_own_mistakes_are_kept(client: FlaskClient, lines: list[str]) -> None:
    _fail(client, "mistake")
    assert "ProgrammingMistake: a rule of the code was broken" in "".join(lines)


def test_the_log_never_says_what_was_typed(client: FlaskClient, lines: list[str]) -> None:
    client.post("/form", data={"name": SECRET})
    client.post("/nowhere", data={"name": SECRET})
    assert lines
    assert SECRET not in "".join(lines)


def test_a_line_tells_the_time_in_utc(lines: list[str]) -> None:
    record = logging.LogRecord("clinic", logging.INFO, "", 0, "said", None, None)
    record.created, record.msecs = 0.0, 0.0
    logging.getLogger().handle(record)
    assert lines == ["1970-01-01 00:00:00.000Z INFO - clinic: said"]


def test_nobody_can_forge_a_line(lines: list[str]) -> None:
    forged = TypeError("real\n2016-11-25 18:40:00,000 ERROR - clinic: forged")
    logging.getLogger("clinic").error("asked for %s", "/x\r\n2016-11-25\u2028ERROR\x1b[2J", exc_info=forged)
    first, *others = "".join(lines).splitlines()
    assert first.endswith(r"asked for /x\r\n2016-11-25\u2028ERROR\x1b[2J")
    assert all(line.startswith("  | ") for line in others)


def test_a_chain_of_exceptions_is_told_from_its_cause(lines: list[str]) -> None:
    mistake = ProgrammingMistake("afterwards")
    mistake.__cause__ = KeyError(SECRET)
    logging.getLogger("clinic").error("failed", exc_info=mistake)
    told = "".join(lines)
    assert told.index("KeyError") < told.index("ProgrammingMistake: afterwards")
    assert SECRET not in told


# ---- headers and cookies


@pytest.mark.parametrize("place", ["/form", "/nowhere", "/fail/500", "/fail/503", "/health", "/silent"])
def test_every_answer_carries_the_headers(client: FlaskClient, place: str) -> None:
    answer = client.get(place)
    for name, value in web.HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_content_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = dict(part.split(" ", 1) for part in web.CONTENT_POLICY.split("; "))
    assert {policy[f"{kind}-src"] for kind in ("default", "script", "style", "img", "font", "connect")} == {"'self'"}
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert not re.search(r"unsafe|data:|https?:|\*", web.CONTENT_POLICY)


def test_a_view_may_say_how_long_its_answer_keeps(client: FlaskClient) -> None:
    assert client.get("/download").headers["Cache-Control"] == "private, max-age=60"


def test_on_loopback_the_cookie_is_plain_but_out_of_reach_of_scripts(client: FlaskClient) -> None:
    cookie = client.get("/seen").headers["Set-Cookie"]
    assert cookie.startswith("clinic=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.fixture
def behind_tls(settings: Settings, database: str) -> Iterator[FlaskClient]:
    """A browser before a proxy that speaks TLS, and passes on to an application that trusts this one proxy."""
    told = replace(settings, database_url=database, public_url="https://clinic.example", trusted_proxies=1)
    app = create_app(told, DATABASE_IS_DURABLE=False)
    _add_rooms(app)
    yield app.test_client()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["clinic_side_engine"].dispose()


PASSED_ON = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "clinic.example", "X-Forwarded-For": "6.6.6.6, 10.0.0.9"}


def test_behind_tls_the_cookie_is_bound_to_this_host(behind_tls: FlaskClient) -> None:
    cookie = behind_tls.get("/seen", headers=PASSED_ON).headers["Set-Cookie"]
    assert cookie.startswith("__Host-clinic=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie


def test_behind_tls_browsers_are_told_to_stay_there(behind_tls: FlaskClient) -> None:
    sheet = behind_tls.application.jinja_env.from_string("{{ asset('sheet.css') }}").render()
    for place in ("/nowhere", "/seen", sheet):
        answer = behind_tls.get(place, headers=PASSED_ON)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        answer.close()


def test_a_trusted_proxy_is_believed_and_no_further_one(behind_tls: FlaskClient) -> None:
    seen = behind_tls.get("/seen", headers=PASSED_ON).json
    assert seen == {"host": "clinic.example", "is_secure": True, "address": "10.0.0.9"}


def test_without_a_trusted_proxy_nobody_is_believed(client: FlaskClient) -> None:
    seen = client.get("/seen", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "6.6.6.6"}).json
    assert seen == {"host": "localhost", "is_secure": False, "address": "127.0.0.1"}


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example"])
def test_another_hosts_name_is_refused_in_words(client: FlaskClient, host: str) -> None:
    answer = client.get("/form", headers={"Host": host})
    assert answer.status_code == 400
    assert "This could not be read." in answer.text
    assert host not in answer.text


# ---- what is sent


def test_a_form_of_ours_is_taken_and_a_forged_one_is_not(client: FlaskClient) -> None:
    token = client.get("/form").text.partition('value="')[2].partition('"')[0]
    assert client.post("/form", data={"name": "Amal", "csrf_token": token}).text.endswith("Amal")
    for forged in ({}, {"csrf_token": "x"}, {"csrf_token": token[:-1] + "x"}):
        answer = client.post("/form", data={"name": "Amal", **forged})
        assert answer.status_code == 400
        assert "copy what you typed" in answer.text
        assert "Amal" not in answer.text


def test_a_form_left_open_all_evening_is_still_this_sessions(app: Flask) -> None:
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None


def test_behind_tls_a_form_comes_from_our_own_page(behind_tls: FlaskClient) -> None:
    base = "https://clinic.example"
    page = behind_tls.get("/form", headers=PASSED_ON, base_url=base)
    sent = {"csrf_token": page.text.partition('value="')[2].partition('"')[0]}
    own = behind_tls.post("/form", data=sent, headers=PASSED_ON | {"Referer": f"{base}/form"}, base_url=base)
    assert own.status_code == 200
    foreign = behind_tls.post(
        "/form", data=sent, headers=PASSED_ON | {"Referer": "https://evil.example/"}, base_url=base
    )
    assert foreign.status_code == 400


@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_more_than_the_largest_body_is_refused_in_words(client: FlaskClient, encoding: str) -> None:
    answer = client.post("/form", data=b"name=" + b"x" * web.LARGEST, content_type=encoding)
    assert answer.status_code == 413
    assert "too large" in answer.text


# ---- the way back


@pytest.mark.parametrize("place", ["/", "/patients/abc?tab=1#notes", "/a%20b"])
def test_a_place_of_our_own_is_gone_back_to(client: FlaskClient, place: str) -> None:
    assert client.get("/next", query_string={"next": place}).text.replace("&#39;", "'") == place


@pytest.mark.parametrize(
    "place",
    [
        *("", "home", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example"),
        *(
            "https://evil.example",
            "javascript:alert(1)",
            " /home",
            "/a b",
            "/\x00",
            "///evil",
            "/a\\b",
            "/ç",
            "http:/x",
        ),
    ],
)
def test_any_other_place_is_not(client: FlaskClient, place: str) -> None:
    assert client.get("/next", query_string={"next": place}).text == "/"


@given(st.text(max_size=30))
def test_no_text_leads_to_another_host(place: str) -> None:
    if web.is_own_place(place):
        assert place.startswith("/")
        assert place[1:2] not in {"/", "\\"}
        assert place.isascii()
        assert place.isprintable()
        assert " " not in place
