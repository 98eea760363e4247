"""`frontline nlu train`: a release of the shipped sentences, or a model in a folder to try things with."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot import db, journal
from bot.cli import mistakes
from bot.cli.root import Root, installed, read_settings, ready
from bot.errors import ContentError
from bot.log import configure
from bot.nlu import policy, release, shipped
from bot.nlu.pointer import active
from bot.settings import Settings

TOLD = ("texts", "intents", "accuracy", "accuracy_of_categories", "sure", "answered", "wrong_answers")


@click.command()
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    help="Write the model into this new folder instead; no release, no database.",
)
@click.option("--activate", is_flag=True, help="Put it live even where content staff have put theirs live.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@click.pass_obj
def train(root: Root, folder: Path | None, activate: bool, as_json: bool) -> None:
    """Train on the shipped sentences. Figures are of texts that were not learned from; exits with 1 on a mistake.

    The release goes live unless content staff have put theirs live: that one stays, with its policy, until they or
    --activate replace it. If the release of these very sentences is there already, it is shown and nothing is trained.
    """
    configure("command")
    settings = read_settings()
    with mistakes.explained(settings), _ticking():
        home, metrics = _into(folder, settings) if folder else _released(root, activate)
    if as_json:
        click.echo(json.dumps({"folder": str(home), "metrics": metrics}, ensure_ascii=False))
        return
    click.echo(f"{home}: " + ", ".join(f"{name} {metrics[name]}" for name in TOLD if name in metrics))


def _into(folder: Path, settings: Settings) -> tuple[Path, dict[str, Any]]:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} is there already: name a new folder, or empty it")
    examples = shipped.examples()
    model, metrics = release.learned(settings, examples, policy.shipped()[0])
    folder.mkdir(parents=True, exist_ok=True)
    release.write(model, metrics, folder, examples)
    return folder, metrics


def _released(root: Root, activate: bool) -> tuple[Path, dict[str, Any]]:
    """A data folder that is made ready has the shipped release; what an operator puts live is on record."""
    current = installed(root, ready(root))
    settings, sessions = current.settings, current.sessions
    with db.reading(sessions) as session:
        before = active(session)
    made = release.train_shipped(settings, sessions, forced=activate)
    if activate:
        was = {"release": before.id if before else None}
        with sessions.begin() as session:
            journal.changed(session, "release.activated", was, {"release": made.id}, by=None)
    return release.folder(settings, made.id), _metrics(release.folder(settings, made.id))


def _metrics(home: Path) -> dict[str, Any]:
    try:
        metrics: dict[str, Any] = json.loads((home / "metrics.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"{home.name}: metrics.json cannot be read ({type(error).__name__}); train again") from error
    return metrics


@contextmanager
def _ticking() -> Iterator[None]:
    """Say on standard error that something goes on, and for how long; once a second if a person watches."""
    started, over = time.monotonic(), threading.Event()

    def tick() -> None:
        while not over.wait(1):
            click.echo(f"\rTraining … {time.monotonic() - started:.0f} s", err=True, nl=False)

    watching = [threading.Thread(target=tick, daemon=True)] if sys.stderr.isatty() else []
    for thread in watching:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in watching:
            thread.join()
        click.echo(f"\rTraining took {time.monotonic() - started:.1f} s.", err=True)
