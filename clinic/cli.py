"""What the clinic's keeper types: every command says what it did, and ends with a real exit code."""

import hashlib
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from waitress import serve as waitress_serve

from clinic.auth import services as auth
from clinic.auth.queries import find_user
from clinic.auth.roles import Role
from clinic.config import BadSetting, Settings, make_key
from clinic.consultations.services.icd import import_icd
from clinic.demo import load as demo
from clinic.demo.staff import STAFF
from clinic.kernel import (
    audit,
    backups,
    blobs,
    chain,
    clock,
    guards,
    i18n,
    jobs,
    migrating,
    operations,
    restoring,
    shape,
    vault,
)
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.rows import UnreadableFile
from clinic.lab.services import import_tests
from clinic.pharmacy.services.formulary import import_formulary
from clinic.sites import services as sites
from clinic.sites.models import Site
from clinic.sites.queries import find_installation, find_site
from inventory.agreements.queries import find_agreement
from inventory.agreements.services import Terms, change_agreement, open_agreement
from inventory.assets.rules import to_cents
from inventory.assets.services import import_equipment
from inventory.certificates.queries import chain_differences, find_by_pdf, get_standing
from inventory.stock.queries.ledger import last_movement_id, ledger_differences
from inventory.stock.services.ledger import record_check
from inventory.stock.services.stocklist import import_stock

THREADS = 8
CONNECTIONS = 1000  # a browser keeps six; waitress by itself takes a hundred, and then nobody new
SEARCHES_ARE_KEPT = timedelta(days=1)
BACKUP_KEY = "backup"
FORMS_ARE_KEPT = timedelta(days=30)
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Read and check everything; write nothing.")

clinic = AppGroup("clinic", help="Everything that keeps a clinic running, one command each.")


# ---- how commands speak ---------------------------------------------------------------------------------------------


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal into words and a non-zero exit."""
    try:
        yield
    except UnreadableFile as refusal:
        for mistake in refusal.mistakes:
            click.echo(f"  {mistake}", err=True)
        raise click.ClickException(i18n.explain(refusal)) from None
    except DomainError as refusal:
        raise click.ClickException(i18n.explain(refusal)) from None
    except BadSetting as refusal:
        raise click.ClickException(str(refusal)) from None


def _settings() -> Settings:
    settings: Settings = current_app.config["CLINIC"]
    return settings


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 - its documented use


def _show_first_password(username: str, first: str) -> None:
    click.echo(f"  account        {username}\n  first password {first}   (works once)")


def _get_site(code: str) -> Site:
    site = find_site(code)
    if site is None:
        raise click.ClickException(f"There is no site with the code {code}.")
    return site


# ---- a clinic and its people ----------------------------------------------------------------------------------------


@clinic.command()
@click.option("--organisation", prompt="Name of the organisation", help="Who runs the clinic.")
@click.option("--site", prompt="Name of the clinic", help="The place where people come.")
@click.option("--code", prompt="Short code of the clinic", help="A few letters, such as FATIH.")
@click.option("--phone", prompt="Phone of the clinic", help="Printed on every label.")
@click.option("--username", prompt="Account name of the administrator", help="Who opens all other accounts.")
def init(organisation: str, site: str, code: str, phone: str, username: str) -> None:
    """Make a real clinic: a key, an empty database, one administrator.

    The administrator's first password is shown once and works once. Nobody else can sign in until that person opens
    accounts.
    """
    _prepare()
    _make_backup_key()
    with refusals(), transaction():
        clinic_site = sites.found_clinic(organisation=organisation, site=site, code=code.upper(), phone=phone)
        user_id, first = auth.create_user(
            organisation_id=clinic_site.organisation_id, username=username, name_latin=username
        )
        auth.grant(user_id, site_id=clinic_site.id, roles=[Role.ADMINISTRATOR])
    click.echo("The clinic is made.")
    _show_first_password(username, first)


def _prepare() -> None:
    """Make the key and the database, where they are not there yet."""
    settings = _settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    if make_key(settings.key_dir):
        click.echo(f"Made a key in {settings.key_dir}. Keep it safe; no backup holds it.")
    migrating.migrate_to_head(_app())


def _make_backup_key() -> bool:
    folder = _settings().key_dir
    is_new = vault.make_keys(folder, BACKUP_KEY)
    if is_new:
        click.echo(
            f"Made the pair of keys of the backups in {folder}. Take {BACKUP_KEY}.key off this machine, to two safe "
            f"places: it alone opens a backup. {BACKUP_KEY}.pub stays: it writes them."
        )
    return is_new


@clinic.group()
def user() -> None:
    """Keep accounts, for when nobody can sign in to open one."""


@user.command("create")
@click.option("--site", required=True, help="Code of the site where the person works.")
@click.option("--username", required=True, help="Account name.")
@click.option("--name", required=True, help="Name in Latin letters.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="Repeatable.",
)
def create_user(site: str, username: str, name: str, roles: tuple[str, ...]) -> None:
    """Open an account and show its first password, once."""
    with refusals(), transaction():
        place = _get_site(site)
        user_id, first = auth.create_user(organisation_id=place.organisation_id, username=username, name_latin=name)
        auth.grant(user_id, site_id=place.id, roles=[Role(role) for role in roles])
    _show_first_password(username, first)


# ---- the demo -------------------------------------------------------------------------------------------------------


@clinic.group("demo")
def demo_group() -> None:
    """Keep the invented clinic, in a database of its own."""


@demo_group.command("load")
def demo_load() -> None:
    """Load the demo clinic into an empty database; do nothing where it stands already."""
    _prepare()
    with refusals():
        is_new = demo.load(say=click.echo, with_history=True)
    if is_new:
        migrating.refresh_statistics(_app())
    click.echo("The demo clinic is loaded." if is_new else "The demo clinic is there already.")


# ---- lists from files -----------------------------------------------------------------------------------------------


@clinic.group("import")
def import_group() -> None:
    """Take lists from CSV files: all of a file, or nothing and every fault named by row and column."""


@import_group.command("formulary")
@_FILE
@_DRY_RUN
def import_formulary_file(file: Path, *, dry_run: bool) -> None:
    """Take medicines and what prescribing must know of them; nobody has confirmed what is new."""
    done = _import(file, dry_run, lambda content: import_formulary(content, dry_run=dry_run, progress=_progress))
    click.echo(f"{_did(dry_run)}: {done.new} new, {done.changed} changed, {done.unchanged} unchanged.")


@import_group.command("icd")
@_FILE
@_DRY_RUN
def import_icd_file(file: Path, *, dry_run: bool) -> None:
    """Take diagnosis codes with their titles in three languages, and each specialty's quick picks."""
    done = _import(file, dry_run, lambda content: import_icd(content, dry_run=dry_run))
    click.echo(
        f"{_did(dry_run)}: {done.new} new, {done.changed} changed, {done.unchanged} unchanged, "
        f"{done.quick_picks} quick picks."
    )


@import_group.command("tests")
@_FILE
@_DRY_RUN
def import_tests_file(file: Path, *, dry_run: bool) -> None:
    """Take the laboratory's tests with their ranges by age and sex; the laboratory answers for every figure."""
    done = _import(file, dry_run, lambda content: import_tests(content, dry_run=dry_run))
    click.echo(f"{_did(dry_run)}: {done.tests} tests with {done.ranges} ranges, {done.new} new.")


@import_group.command("stock")
@_FILE
@_DRY_RUN
@click.option("--site", required=True, help="Code of the site that receives.")
@click.option("--username", required=True, help="Account of the person who received the goods.")
def import_stock_file(file: Path, *, site: str, username: str, dry_run: bool) -> None:
    """Receive a delivery, one receipt from each donor that the file names; the same file twice adds nothing."""
    scope = _scope_of(site, username)
    done = _import(file, dry_run, lambda content: import_stock(scope, content, dry_run=dry_run, progress=_progress))
    if done.is_repeat:
        click.echo("This file was received before. Nothing was changed.")
    else:
        click.echo(f"{_did(dry_run)}: {done.lines} lines, {done.receipts} receipts.")


@import_group.command("equipment")
@_FILE
@_DRY_RUN
@click.option("--site", required=True, help="Code of the site where it stands.")
@click.option("--username", required=True, help="Account of the person who puts it on the register.")
@click.option("--agreement", required=True, help="Code of the agreement that paid for it.")
def import_equipment_file(file: Path, *, site: str, username: str, agreement: str, dry_run: bool) -> None:
    """Put a list of equipment on the register; the same file twice adds nothing. A last row TOTAL states the sum."""
    scope = _scope_of(site, username)
    done = _import(
        file, dry_run, lambda content: import_equipment(scope, content, agreement_code=agreement, dry_run=dry_run)
    )
    if done.is_repeat:
        click.echo("Already imported (same hash). Nothing was changed.")
    else:
        worth = f"{done.cents // 100:,}.{done.cents % 100:02}"
        click.echo(
            f"{_did(dry_run)}: {done.lines} lines, {done.records} records, {done.units} units, EUR {worth}, 0 errors."
        )


def _import(file: Path, dry_run: bool, read: Callable[[BinaryIO], Any]) -> Any:  # noqa: ANN401 - each list has its own account
    with refusals(), file.open("rb") as content:
        if dry_run:
            return read(content)
        with transaction():
            done = read(content)
    migrating.refresh_statistics(_app())
    return done


def _did(dry_run: bool) -> str:
    return "Checked, nothing written" if dry_run else "Imported"


def _progress(done: int, total: int) -> None:
    if done % 50 == 0 and done < total:
        click.echo(f"  {done} of {total}")


def _scope_of(site: str, username: str) -> Scope:
    place, person = _get_site(site), find_user(username)
    if person is None or person.organisation_id != place.organisation_id:
        raise click.ClickException(f"There is no account {username} at that site.")
    return Scope(place.organisation_id, place.id, person.id)


# ---- what was agreed ------------------------------------------------------------------------------------------------

_DAY = click.DateTime(["%Y-%m-%d"])


@clinic.command()
@click.argument("code")
@click.option("--title", help="What the agreement is called.")
@click.option("--donor", help="Who pays.")
@click.option("--giver", help="Who hands equipment over, by its legal name.")
@click.option("--instrument", help="The funding instrument.")
@click.option("--legal-basis", help="The article on the transfer of equipment.")
@click.option("--authorisation", help="The donor's letter: number and date.")
@click.option("--rate-policy", help="By which rates prices were converted; printed on certificates.")
@click.option("--estimate", "estimate_cents", type=Decimal, help="What the equipment is estimated at, in EUR.")
@click.option("--budget", "budget_cents", type=Decimal, help="The budget line, in EUR.")
@click.option("--threshold", "threshold_cents", type=Decimal, help="From which price a unit needs proof, in EUR.")
@click.option("--at-threshold/--above-threshold", "is_threshold_included", default=None, help="Whether at it too.")
@click.option("--from", "starts_on", type=_DAY, help="First day of a handover, as 2026-01-31.")
@click.option("--until", "extended_until", type=_DAY, help="Last day of the extension.")
def agreement(code: str, **told: Any) -> None:  # noqa: ANN401 - one of each option
    """Put the agreement CODE on file with the rules that it sets; where it stands already, change what is named.

    A new one needs --title, --donor, --estimate, --budget and --threshold; a batch is submitted only once giver,
    instrument, legal basis, authorisation and both days are there too.
    """
    named = {name: _agreed(name, value) for name, value in told.items() if value is not None}
    with refusals(), transaction():
        is_new = find_agreement(code) is None
        if is_new:
            _ensure_named(named)
            terms = Terms(**{each.name: named.pop(each.name) for each in fields(Terms) if each.name in named})
            open_agreement(code=code, **{"rate_policy": "", **named}, terms=terms)
        else:
            change_agreement(code, **named)
    click.echo(f"The agreement {code} is {'on file' if is_new else 'changed'}.")


def _agreed(name: str, value: Any) -> Any:  # noqa: ANN401 - of the option's own kind
    if name.endswith("_cents"):
        return to_cents(value)
    return value.date() if isinstance(value, datetime) else value


def _ensure_named(named: dict[str, Any]) -> None:
    needed = ("title", "donor", "estimate_cents", "budget_cents", "threshold_cents")
    if lacking := [name.removesuffix("_cents") for name in needed if name not in named]:
        raise click.ClickException("A new agreement needs " + ", ".join(f"--{name}" for name in lacking) + ".")


# ---- is it whole? ---------------------------------------------------------------------------------------------------


@clinic.command()
@click.option("--seal", is_flag=True, help="Close the block of all that was recorded since the last one.")
@click.option("--head", help="The head that the last seal printed: without it a cut tail is not seen.")
def verify(*, seal: bool, head: str | None) -> None:
    """Check that everything is whole: schema, guards, ledger, evidence, and the chain of what was recorded.

    Ends with 1 and names what differs; repairs nothing. Changes nothing but what --seal adds: a block of the chain, and
    for the pharmacist that shelf and ledger agree.
    """
    up_to = last_movement_id()  # read before anything is summed: what moves meanwhile is not yet compared
    faults = [fault for name, check in _CHECKS for fault in _told(name, check(head))]
    if faults:
        raise click.exceptions.Exit(1)
    if seal:
        with transaction():
            record_check(differences=0, last_movement_id=up_to)
            click.echo(f"head {chain.seal()}")


def _told(name: str, faults: list[str]) -> list[str]:
    click.echo(f"{'NO ' if faults else 'ok '} {name}")
    for fault in faults:
        click.echo(f"     {fault}", err=True)
    return faults


def _schema(_head: str | None) -> list[str]:
    with migrating.owner_connection(_app()) as connection:
        if not migrating.is_current(connection):
            return ["the database is older than this version: run `flask --app wsgi db upgrade`"]
        return [*shape.differences(connection), *guards.differences(connection)]


def _ledger(_head: str | None) -> list[str]:
    return ledger_differences()


def _evidence(_head: str | None) -> list[str]:
    return blobs.differences(db.session.connection())


def _certified(_head: str | None) -> list[str]:
    return chain_differences()


def _recorded(head: str | None) -> list[str]:
    return chain.verify(db.session.connection(), head)


_CHECKS = (
    ("schema and guards", _schema),
    ("balances are the sum of their movements", _ledger),
    ("evidence is what was kept", _evidence),
    ("chain of certificates", _certified),
    ("chain of the record", _recorded),
)


@clinic.command("verify-pdf")
@_FILE
def verify_pdf(file: Path) -> None:
    """Say whether FILE is the paper of a certificate, byte for byte as it was stored, and how that stands."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    found = find_by_pdf(sha256)
    if found is None:
        raise click.ClickException("This file does not match any sealed document.")
    click.echo(f"{found.number} v{found.version}: {get_standing(found).label}\n  sealed data {found.sha256}")


# ---- each night -----------------------------------------------------------------------------------------------------


@clinic.command()
def nightly() -> None:
    """Tidy up while nobody works: forget old keys of forms and old searches, let the database count its rows anew."""
    with transaction():
        forgotten = operations.forget(clock.now() - FORMS_ARE_KEPT)
        auth.forget_remembered(clock.now() - SEARCHES_ARE_KEPT)
    migrating.refresh_statistics(_app())
    click.echo(f"Forgot the keys of {forgotten} forms sent more than {FORMS_ARE_KEPT.days} days ago.")


# ---- backups --------------------------------------------------------------------------------------------------------


@clinic.command("backup-key")
def backup_key() -> None:
    """Make the pair of keys of the backups, where there is none."""
    if not _make_backup_key():
        raise click.ClickException(f"There is one in {_settings().key_dir} already. What it wrote, it alone opens.")


@clinic.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything into a new FILE that the private key alone opens; the clinic may work on meanwhile.

    Needs the public key only. Holds all that the database holds and no key; says how many rows of what.
    """
    try:
        with refusals():
            key = vault.read_public(_settings().key_dir / f"{BACKUP_KEY}.pub")
            done = backups.back_up(_app(), file, key, say=click.echo)
    except FileExistsError:
        raise click.ClickException(f"{file} stands there already. A backup is never written over.") from None
    except OSError as error:
        raise click.ClickException(f"Nothing was written: {error}") from None
    audit.record_read("backup", file.name, {"rows": done.count}, act="BACKUP")
    click.echo(f"{done.count} rows in {len(done.tables)} tables, {file.stat().st_size / 1e6:.1f} MB.")


@clinic.command()
@_FILE
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="The private key; else CLINIC_KEY_DIR's.")
@click.option("--replace", is_flag=True, help="Throw away all that the database holds now.")
def restore(file: Path, *, key: Path | None, replace: bool) -> None:
    """Put the backup FILE into the empty database of this installation, on either engine, and check everything.

    Stop the server first. The file is read whole before anything is touched. Everybody signs in anew afterwards.
    """
    with refusals():
        private = vault.read_private(key or _settings().key_dir / f"{BACKUP_KEY}.key")
        done = restoring.restore(_app(), file, private, replace=replace, say=click.echo)
        with transaction():
            auth.close_all_sessions()
            audit.record("RESTORE", "backup", file.name, {"rows": done.count, "made_at": done.made_at})
    click.echo(f"{done.count} rows of {done.made_at}, as they were written.")
    if [fault for name, check in _CHECKS for fault in _told(name, check(None))]:
        raise click.exceptions.Exit(1)
    click.echo(f"head {chain.head()}   (compare it with the last closing sheet before {done.made_at})")


# ---- the door -------------------------------------------------------------------------------------------------------


@clinic.command()
def serve() -> None:
    """Open the door on HOST and PORT; a demo says who can sign in, with which password, and works beside it."""
    settings = _settings()
    with refusals():
        settings.secret_key()
        installation = find_installation()
        if installation is None:
            raise click.ClickException("There is no clinic here yet: run `clinic init`, or `clinic demo load`.")
        is_demo = installation.is_demo
        if is_demo:
            _greet(settings)
    db.session.remove()
    click.echo(f"Şifa is open at {settings.public_url}   (Ctrl+C closes it)")
    with jobs.worker(_app()) if is_demo else nullcontext():
        waitress_serve(
            _app(), host=settings.host, port=settings.port, threads=THREADS, connection_limit=CONNECTIONS, ident=None
        )


@clinic.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def work(*, once: bool) -> None:
    """Do what pages asked for and did not wait for, such as documents: beside the server, for as long as it runs.

    Several may run. A stop lets the job in hand finish; what a crash cut off is done again two minutes later.
    """
    if once:
        click.echo(f"{jobs.work_off()} jobs done or tried.")
        return
    stop = Event()
    for sent in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sent, lambda _number, _frame: stop.set())
    click.echo("Working. Ctrl+C ends it.")
    jobs.work(_app(), stop)


def _greet(settings: Settings) -> None:
    password = settings.demo_password or secrets.token_urlsafe(9)
    demo.open_accounts(password)
    click.echo("DEMO: everybody and everything here is invented. One password opens every account:\n")
    click.echo(f"  password   {password}\n")
    for member in STAFF:
        roles = ", ".join([role.label for role in member.roles] + list(member.practises))
        click.echo(f"  {member.username:<12}{member.name:<20}{roles}")
    click.echo("")
