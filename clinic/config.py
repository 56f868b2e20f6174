"""Settings of one installation, read from the environment, typed, and checked before anything starts."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
SECRET_BYTES = 32


class BadSetting(Exception):
    """A setting that nobody should start with; the message names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one installation is told; every field has one environment variable, `CLINIC_` before its name."""

    database_url: str
    migration_url: str
    instance: Path
    key_dir: Path
    public_url: str
    verify_url: str
    trusted_proxies: int
    demo_password: str | None
    host: str
    port: int

    @property
    def is_tls(self) -> bool:
        """Whether browsers reach this installation through TLS."""
        return self.public_url.startswith("https://")

    def secret_key(self) -> str:
        """Return the key that signs cookies.

        Raises BadSetting where it is missing, weak, or readable by others: `flask clinic init` and `make run` make one.
        """
        path = self.key_dir / "session.key"
        if not path.is_file():
            raise BadSetting(f"No key at {path}. Run `flask --app wsgi clinic init` first, or set CLINIC_KEY_DIR.")
        if path.stat().st_mode & 0o077:
            raise BadSetting(f"{path} can be read by others. Run: chmod 600 {path}")
        key = path.read_text(encoding="ascii").strip()
        if len(key) < SECRET_BYTES:
            raise BadSetting(f"{path} is too short to keep a secret; remove it and run `clinic init` again.")
        return key


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that `environ` holds, each checked.

    Raises BadSetting with one line a person can act on.
    """
    instance = Path(environ.get("CLINIC_INSTANCE", str(ROOT / "instance"))).absolute()
    database_url = environ.get("CLINIC_DATABASE_URL") or f"sqlite:///{instance / 'clinic.sqlite3'}"
    host, port = environ.get("HOST", "127.0.0.1"), _port(environ.get("PORT", "8000"))
    settings = Settings(
        database_url=_database(database_url, "CLINIC_DATABASE_URL"),
        migration_url=_database(environ.get("CLINIC_MIGRATION_URL") or database_url, "CLINIC_MIGRATION_URL"),
        instance=instance,
        key_dir=Path(environ.get("CLINIC_KEY_DIR") or _default_key_dir(environ)).expanduser().absolute(),
        public_url=_public_url(environ.get("CLINIC_PUBLIC_URL") or f"http://{host}:{port}", "CLINIC_PUBLIC_URL"),
        verify_url=_public_url(environ["CLINIC_VERIFY_URL"], "CLINIC_VERIFY_URL")
        if environ.get("CLINIC_VERIFY_URL")
        else "",
        trusted_proxies=_count(environ.get("CLINIC_TRUSTED_PROXY", "0"), "CLINIC_TRUSTED_PROXY"),
        demo_password=environ.get("CLINIC_DEMO_PASSWORD") or None,
        host=host,
        port=port,
    )
    if settings.key_dir.is_relative_to(settings.instance):
        raise BadSetting("CLINIC_KEY_DIR lies inside CLINIC_INSTANCE: keys must not travel with the data they protect.")
    if not _is_loopback(host) and not settings.is_tls:
        raise BadSetting(
            f"HOST is {host}, beyond this machine, but CLINIC_PUBLIC_URL is not https://… : "
            "put TLS in front and name it there, or keep HOST at 127.0.0.1."
        )
    return settings


def make_key(key_dir: Path) -> bool:
    """Write a new cookie key into `key_dir` for its owner alone; return False where one stands already."""
    path = key_dir / "session.key"
    if path.exists():
        return False
    key_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES))
    return True


def _default_key_dir(environ: Mapping[str, str]) -> str:
    return environ.get("XDG_CONFIG_HOME", "~/.config") + "/sifa"


def _database(url: str, name: str) -> str:
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise BadSetting(f"{name} is not a database address: {url!r}") from error
    if backend not in {"sqlite", "postgresql"}:
        raise BadSetting(f"{name} names {backend}; this runs on sqlite and postgresql.")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _port(text: str) -> int:
    number = _count(text, "PORT")
    if not 0 < number <= 65535:  # noqa: PLR2004 - the range of TCP ports
        raise BadSetting(f"PORT must be from 1 to 65535, not {text!r}")
    return number


def _count(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadSetting(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _public_url(text: str, name: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadSetting(f"{name} must look like https://clinic.example, not {text!r}")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise BadSetting(f"{name} must be https beyond this machine, not {text!r}")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
