"""Settings that an operator mistypes or forgets: named at once, with the mend, and never with a password."""

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

import webhook_app
from bot import cli
from bot.cli import gunicorn
from bot.cli.root import Root, read_settings
from bot.settings import Settings

LINE = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")
META = tuple(
    f"META_{name}"
    for name in ("APP_SECRET", "VERIFY_TOKEN", "PAGE_ID", "PAGE_ACCESS_TOKEN", "IG_ID", "IG_ACCESS_TOKEN")
)
NOBODY = "postgresql://frontline:geheim@127.0.0.1:1/frontline"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in (*LINE, *META, "DATABASE_URL", "REDIS_URL", "RASA_URL", "PORT", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRONTLINE_DATA", str(tmp_path))


def frontline(*words):
    root = Root(webhook_app.prepare, webhook_app.load_demo, webhook_app.install)
    return CliRunner().invoke(cli.main_group(root, *webhook_app.COMMANDS), words)


COMMANDS = pytest.mark.parametrize("command", [("tickets", "list"), ("prepare",), ("run",)], ids=" ".join)


@COMMANDS
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORDERS", "magento"),
        ("ORDERS", "shopify"),
        ("OPEN_HOURS", "nonsense"),
        ("OPEN_HOURS", "09:00-25:00"),
        ("TIMEZONE", "Mars/X"),
        ("TIMEZONE", "../etc"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "postgresql://frontline:geheim@host:port/name"),
        ("DATABASE_URL", NOBODY),
        ("REDIS_URL", "nonsense"),
        ("REDIS_URL", "redis://:geheim@host:port/0"),
        ("RASA_URL", "nonsense"),
        ("PORT", "99999"),
        ("PORT", "http"),
        ("FRONTLINE_DATA", "/proc/nope"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_setting(monkeypatch, command, name, value):
    monkeypatch.setenv(name, value)
    refused = frontline(*command)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1
    assert name in refused.stderr
    assert "geheim" not in refused.output


@COMMANDS
@pytest.mark.parametrize(("given", "missing"), [LINE, LINE[::-1]])
def test_one_forgotten_line_setting_does_not_open_a_demo(monkeypatch, command, given, missing):
    monkeypatch.setenv(given, "given")
    refused = frontline(*command)
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert f"{missing} is not set" in refused.stderr


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("META_APP_SECRET",), "META_VERIFY_TOKEN"),
        (("META_PAGE_ID", "META_PAGE_ACCESS_TOKEN"), "META_APP_SECRET"),
        (("META_APP_SECRET", "META_VERIFY_TOKEN", "META_PAGE_ID"), "META_PAGE_ACCESS_TOKEN"),
        (("META_APP_SECRET", "META_VERIFY_TOKEN", "META_IG_ACCESS_TOKEN"), "META_IG_ID"),
    ],
)
def test_half_of_messenger_is_refused(monkeypatch, given, missing):
    for name in given:
        monkeypatch.setenv(name, "given")
    refused = frontline("tickets", "list")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert f"{missing} is not set" in refused.stderr


def test_gunicorn_stops_with_the_same_line(monkeypatch):
    from gunicorn.errors import AppImportError

    monkeypatch.setenv(LINE[0], "given")
    with pytest.raises(AppImportError, match=f"{LINE[1]} is not set"):
        gunicorn.load(read_settings)


def test_a_demo_has_no_line_setting_at_all(monkeypatch):
    assert Settings().demo
    for name in LINE:
        monkeypatch.setenv(name, "given")
    assert not Settings().demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("open_hours", "9:00-12:30, 22:00-02:00"),
        ("open_hours", "00:00-24:00"),
        ("database_url", "postgres://frontline:a/b#c@postgres/frontline"),
        ("database_url", "postgresql://postgres:@/postgres?host=/run/postgres"),
        ("redis_url", "unix:///run/valkey.sock"),
        ("redis_url", "rediss://:word@redis:6379/0"),
        ("rasa_url", "http://rasa:5005"),
    ],
)
def test_what_worked_before_still_does(name, value):
    assert getattr(Settings(**{name: value}), name) == value


def test_passwords_are_in_no_representation_and_no_error():
    settings = Settings(database_url=NOBODY, redis_url="redis://:geheim@redis/0")
    assert "geheim" not in repr(settings)
    with pytest.raises(ValidationError) as refusal:
        Settings(redis_url="http://:geheim@redis/0")
    assert "geheim" not in str(refusal.value)
