from pathlib import Path

import pytest

from clinic.config import BadSetting, make_key, read_settings


def test_the_default_is_sqlite_in_the_instance_folder(tmp_path: Path) -> None:
    settings = read_settings({"CLINIC_INSTANCE": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/clinic.sqlite3"
    assert settings.migration_url == settings.database_url
    assert (settings.host, settings.port, settings.is_tls) == ("127.0.0.1", 8000, False)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("CLINIC_DATABASE_URL", "not a url", "not a database address"),
        ("CLINIC_DATABASE_URL", "mysql://x/y", "sqlite and postgresql"),
        ("CLINIC_PUBLIC_URL", "clinic.example", "must look like"),
        ("CLINIC_PUBLIC_URL", "http://clinic.example", "must be https"),
        ("CLINIC_TRUSTED_PROXY", "one", "whole number"),
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "١٢", "whole number"),
        ("HOST", "0.0.0.0", "beyond this machine"),  # noqa: S104 - the very address that must be refused
    ],
)
def test_a_bad_setting_stops_the_start_and_says_why(name: str, value: str, word: str) -> None:
    with pytest.raises(BadSetting, match=word):
        read_settings({name: value})


def test_keys_are_refused_inside_the_instance_folder(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="must not travel"):
        read_settings({"CLINIC_INSTANCE": str(tmp_path), "CLINIC_KEY_DIR": str(tmp_path / "keys")})


def test_a_public_host_is_allowed_behind_tls() -> None:
    environ = {"HOST": "0.0.0.0", "CLINIC_PUBLIC_URL": "https://clinic.example/"}  # noqa: S104 - behind TLS
    assert read_settings(environ).public_url == "https://clinic.example"


def test_a_missing_weak_or_open_key_is_refused(tmp_path: Path) -> None:
    settings = read_settings({"CLINIC_KEY_DIR": str(tmp_path / "keys")})
    with pytest.raises(BadSetting, match="No key"):
        settings.secret_key()
    assert make_key(settings.key_dir)
    assert not make_key(settings.key_dir)
    assert len(settings.secret_key()) >= 32
    path = settings.key_dir / "session.key"
    path.chmod(0o644)
    with pytest.raises(BadSetting, match="read by others"):
        settings.secret_key()
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(BadSetting, match="too short"):
        settings.secret_key()
