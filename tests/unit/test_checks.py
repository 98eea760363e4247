"""An operator whose machine is not ready reads one line that says what to do."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import checks
from bot.settings import Settings


def settings_for(data: Path, **given: object) -> Settings:
    return Settings.model_validate({"frontline_data": data, **given})


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def one_line(refusal: pytest.ExceptionInfo[click.ClickException]) -> str:
    message = refusal.value.format_message()
    assert "\n" not in message
    return message


def test_a_busy_port_is_named_with_one_that_is_free(tmp_path: Path, busy_port: int) -> None:
    with pytest.raises(click.ClickException) as refusal:
        checks.free_ports(settings_for(tmp_path, port=busy_port))
    message = one_line(refusal)
    assert f"Port {busy_port} (web) is in use" in message
    proposed = int(message.partition("PORT=")[2].split()[0])
    checks.free_ports(settings_for(tmp_path, port=proposed))


def test_a_busy_neighbour_port_is_found_before_anything_starts(tmp_path: Path, busy_port: int) -> None:
    with pytest.raises(click.ClickException, match=rf"Port {busy_port} \(stream\) is in use"):
        checks.free_ports(settings_for(tmp_path, port=busy_port - 1))


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(click.ClickException) as refusal:
        checks.data_folder(settings_for(tmp_path / "file" / "data"))
    assert str(tmp_path / "file" / "data") in one_line(refusal)


def test_a_second_run_on_the_same_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PATIENCE", 0.0)
    first = checks.only_one(settings_for(tmp_path))
    with pytest.raises(click.ClickException, match="already running"):
        checks.only_one(settings_for(tmp_path))
    os.close(first)
    os.close(checks.only_one(settings_for(tmp_path)))


def test_the_next_run_waits_for_a_program_of_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = checks.only_one(settings_for(tmp_path))
    heir = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))
    os.close(lock)
    with monkeypatch.context() as impatient:
        impatient.setattr(checks, "PATIENCE", 0.0)
        with pytest.raises(click.ClickException, match="already running"):
            checks.only_one(settings_for(tmp_path))
    heir.communicate(b"\n")
    os.close(checks.only_one(settings_for(tmp_path)))


def test_with_line_credentials_a_secret_must_be_given(tmp_path: Path) -> None:
    real = {"line_channel_secret": "s", "line_channel_access_token": "t"}
    with pytest.raises(click.ClickException) as refusal:
        checks.secret_key(settings_for(tmp_path, **real))
    assert "SECRET_KEY is not set" in one_line(refusal)
    checks.secret_key(settings_for(tmp_path, secret_key="given", **real))
    checks.secret_key(settings_for(tmp_path))


def test_a_missing_valkey_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.valkey.executable", lambda: None)
    with pytest.raises(click.ClickException, match="REDIS_URL="):
        checks.valkey_server(settings_for(tmp_path))
    assert checks.valkey_server(settings_for(tmp_path, redis_url="redis://elsewhere/0")) is None
