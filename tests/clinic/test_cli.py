import os
import signal
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic.auth.models import RoleGrant, User
from clinic.auth.roles import Role
from clinic.config import Settings
from clinic.consultations.models import IcdCode
from clinic.demo.load import FILES, open_accounts
from clinic.kernel import jobs
from clinic.kernel.db import db, transaction
from clinic.sites.models import Installation, Site
from inventory.agreements.queries import get_agreement
from inventory.stock.models import Balance, Movement, StockDocument
from tests.desk import DeskClient


def _run(app: Flask, *arguments: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["clinic", *arguments])
    assert result.exit_code == code, result.output
    return result.output


INIT = ("init", "--organisation", "Org", "--site", "Clinic", "--code", "fatih", "--phone", "1", "--username", "Deniz")


def _count(app: Flask, model: type) -> int:
    with app.app_context():
        return len(db.session.scalars(select(model)).all())


@pytest.mark.postgres
def test_init_makes_an_empty_clinic_with_one_administrator_and_does_it_once(app: Flask) -> None:
    output = _run(app, *INIT)
    first = output.split("first password ")[1].split()[0]
    with app.app_context():
        assert db.session.scalars(select(Installation.is_demo)).all() == [False]
        assert db.session.scalars(select(User.username)).all() == ["deniz"]
        assert db.session.scalars(select(RoleGrant.role)).all() == [Role.ADMINISTRATOR]
        assert db.session.scalars(select(Site.code)).all() == ["FATIH"]
    client = app.test_client()
    assert isinstance(client, DeskClient)
    assert client.submit("/sign-in", {"username": "deniz", "password": first}).location == "/"
    assert client.get("/").location == "/account"
    assert "There is a clinic in this database already." in _run(app, *INIT, code=1)
    assert _count(app, User) == 1


def test_an_account_is_opened_at_a_site_that_is_there(app: Flask) -> None:
    _run(app, *INIT)
    answers = ("user", "create", "--username", "rana", "--name", "Rana", "--role", "DOCTOR", "--role", "NURSE")
    assert "There is no site with the code NOWHERE." in _run(app, *answers, "--site", "NOWHERE", code=1)
    assert "works once" in _run(app, *answers, "--site", "fatih")
    assert "already" in _run(app, *answers, "--site", "FATIH", code=1)
    assert _run(app, "user", "create", "--site", "FATIH", "--username", "x", "--name", "X", "--role", "KING", code=2)
    assert _count(app, User) == 2


def test_a_real_clinic_is_never_given_a_demo_nor_a_common_password(app: Flask) -> None:
    _run(app, *INIT)
    assert "This database holds a real clinic." in _run(app, "demo", "load", code=1)
    with app.app_context(), pytest.raises(Exception, match="real clinic"):
        open_accounts("anything")


def test_imports_take_a_file_whole_or_name_every_fault_and_a_dry_run_writes_nothing(app: Flask, tmp_path: Path) -> None:
    _run(app, *INIT)
    _run(app, "import", "formulary", str(FILES / "formulary.csv"), "--dry-run")
    stock = ("--site", "FATIH", "--username", "deniz")
    output = _run(app, "import", "stock", str(FILES / "stock.csv"), *stock, code=1)
    assert "row 2, item_code" in output
    assert _count(app, Movement) == 0
    assert "95 new" in _run(app, "import", "formulary", str(FILES / "formulary.csv"))
    assert "159 lines, 3 receipts" in _run(app, "import", "stock", str(FILES / "stock.csv"), *stock)
    assert "received before" in _run(app, "import", "stock", str(FILES / "stock.csv"), *stock)
    assert (_count(app, Movement), _count(app, StockDocument), _count(app, Balance)) == (159, 3, 159)
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00")
    assert _run(app, "import", "icd", str(broken), code=1)
    assert _count(app, IcdCode) == 0
    assert "no account nobody" in _run(
        app, "import", "stock", str(FILES / "stock.csv"), "--site", "FATIH", "--username", "nobody", code=1
    )


@pytest.mark.postgres
def test_verify_is_green_and_goes_red_where_a_balance_was_touched(app: Flask) -> None:
    _run(app, *INIT)
    _run(app, "import", "formulary", str(FILES / "formulary.csv"))
    _run(app, "import", "stock", str(FILES / "stock.csv"), "--site", "FATIH", "--username", "deniz")
    assert _run(app, "verify", "--seal").splitlines()[:5] == [
        "ok  schema and guards",
        "ok  balances are the sum of their movements",
        "ok  evidence is what was kept",
        "ok  chain of certificates",
        "ok  chain of the record",
    ]
    with app.app_context(), db.engine.connect().execution_options(clinic_writes=True) as connection:
        connection.execute(text("UPDATE balance SET quantity = quantity + 1 WHERE lot_id = 1"))
        connection.commit()
    output = _run(app, "verify", code=1)
    assert "NO  balances are the sum of their movements" in output
    assert "ok  chain of the record" in output


@pytest.mark.postgres
def test_the_night_forgets_old_forms_and_counts_the_rows_anew(app: Flask) -> None:
    _run(app, *INIT)
    assert _run(app, "nightly") == "Forgot the keys of 0 forms sent more than 30 days ago.\n"
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
        counted = (
            "SELECT stat FROM sqlite_stat1 WHERE tbl" if is_sqlite else "SELECT reltuples FROM pg_class WHERE relname"
        )
        assert db.session.scalars(text(f"{counted} = 'app_user'")).first() in {"1 1", 1.0}


def test_serve_says_what_is_missing_before_there_is_a_clinic(app: Flask) -> None:
    assert "There is no clinic here yet" in _run(app, "serve", code=1)


def test_the_door_lets_in_every_browser_of_a_full_house(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, int] = {}
    monkeypatch.setattr("clinic.cli.waitress_serve", lambda _app, **options: told.update(options))
    _run(app, *INIT)
    assert "Şifa is open at" in _run(app, "serve")
    assert told["connection_limit"] >= 3 * 20 * 6  # three times the staff, each browser keeping six open


def test_every_command_explains_itself(app: Flask) -> None:
    for words in (
        [],
        ["init"],
        ["agreement"],
        ["user", "create"],
        ["demo", "load"],
        ["import", "stock"],
        ["nightly"],
        ["verify"],
        ["serve"],
        ["work"],
        ["backup"],
        ["backup-key"],
        ["restore"],
    ):
        assert "Usage:" in _run(app, *words, "--help")


def test_the_key_is_made_where_it_is_missing(app: Flask, settings: Settings, tmp_path: Path) -> None:
    app.config["CLINIC"] = replace(app.config["CLINIC"], key_dir=tmp_path / "keys")
    assert "Made a key" in _run(app, *INIT)
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {
        "session.key": 0o600,
        "backup.key": 0o600,
        "backup.pub": 0o600,
    }


def test_work_once_does_what_is_due_and_says_how_much(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(jobs, "_kinds", {"note": done.append})
    with app.app_context(), transaction():
        jobs.enqueue("note", "a")
    assert "1 jobs done or tried." in _run(app, "work", "--once")
    assert done == ["a"]


def test_work_ends_when_it_is_told_to(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(app: Flask, stop: Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)

    monkeypatch.setattr(jobs, "work", told)
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        assert "Working." in _run(app, "work")
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


def test_an_agreement_is_put_on_file_and_changed_by_what_is_named(app: Flask) -> None:
    told = ("--title", "Equipment", "--donor", "The donor", "--estimate", "220000", "--budget", "220000.50")
    assert "needs --threshold" in _run(app, "agreement", "A-1", *told, code=1)
    assert "on file" in _run(app, "agreement", "A-1", *told, "--threshold", "5000", "--from", "2026-01-01")
    named = ("--until", "2027-03-31", "--giver", "The giver", "--donor", "Another", "--above-threshold")
    assert "changed" in _run(app, "agreement", "A-1", *named)
    with app.app_context():
        one = get_agreement("A-1")
        assert (one.title, one.donor_name, one.giver) == ("Equipment", "Another", "The giver")
        assert (one.estimate_cents, one.budget_cents, one.threshold_cents) == (22_000_000, 22_000_050, 500_000)
        assert (one.starts_on, one.extended_until) == (date(2026, 1, 1), date(2027, 3, 31))
        assert (one.needs_proof(500_000), one.needs_proof(500_001)) == (False, True)
    assert "31.3.2027" in _run(app, "agreement", "A-1", "--until", "31.3.2027", code=2)
