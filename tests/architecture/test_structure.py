"""The shape of the house: layers, declared routes, documented settings, commands and metrics, true migrations."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from alembic import command
from flask import Flask
from prometheus_client.registry import REGISTRY

import webhook_app
from bot import auth, cli, db
from bot.broker import QUEUES
from bot.cli.root import Root
from bot.cli.topology import COMMANDS
from bot.cli.worker import TAKES
from bot.services import Services
from bot.settings import Settings
from handoff.stream import process

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_the_layers_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_migrations_equal_the_models(current: Services) -> None:
    command.check(db.alembic_config(current.settings))


def test_every_route_declares_who_may_use_it(app: Flask, current: Services) -> None:
    for made in (app, process.create_app(current)):
        assert [endpoint for endpoint, access in auth.declared(made).items() if not access] == []


@pytest.mark.parametrize("name", [field.upper() for field in Settings.model_fields])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in OPERATIONS
    assert re.search(rf"^#? ?{name}=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)


def commands(group: click.Group, prefix: str = "frontline") -> list[str]:
    names: list[str] = []
    for name, made in group.commands.items():
        names += commands(made, f"{prefix} {name}") if isinstance(made, click.Group) else [f"{prefix} {name}"]
    return names


def test_every_command_is_documented_and_explains_itself() -> None:
    group = cli.main_group(Root(webhook_app.prepare, webhook_app.load_demo, webhook_app.install), *webhook_app.COMMANDS)
    for name in commands(group):
        assert f"`{name}" in OPERATIONS, name
    assert all(made.help for made in group.commands.values())


def test_every_metric_is_documented(current: Services) -> None:
    ours = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("frontline_")}
    assert ours
    assert [name for name in sorted(ours) if f"`{name}" not in OPERATIONS] == []


def test_every_queue_has_a_worker() -> None:
    started = [taken for name, taken in TAKES.items() if f"frontline worker {name}" in COMMANDS.values()]
    assert {queue for taken in started for queue in taken} == set(QUEUES)


def test_no_transaction_has_a_part_that_may_be_undone_alone() -> None:
    """Hooks on a session's end (journal, jobs, locks held) would take a savepoint's end for the transaction's."""
    sources = [file for package in ("bot", "handoff", "faq") for file in (ROOT / package).rglob("*.py")]
    assert sources
    assert [file.name for file in sources if "begin_nested" in file.read_text("utf-8")] == []
