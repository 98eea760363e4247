"""`frontline nlu evaluate`: how test messages fare on the way that customers' messages take."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bot.cli.nlu_report import render
from bot.cli.root import with_services
from bot.errors import ContentError
from bot.nlu import floor, heldout
from bot.nlu.breakdown import report as taken_apart
from bot.nlu.evaluation import Outcome, run
from bot.services import Services


@click.command()
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Test messages (YAML), once or more; otherwise the held-out ones.",
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a page for people here (HTML).")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_services
def evaluate(current: Services, files: tuple[Path, ...], report: Path | None, as_json: bool) -> None:
    """Judge test messages with the active understanding; exits with 1 if the held-out ones miss the recorded floor."""
    try:
        cases = [case for file in files or heldout.shipped() for case in heldout.read(file)]
        limits = None if files else floor.recorded()
    except ContentError as error:
        raise click.ClickException(str(error)) from error
    outcomes = _run(current, cases)
    found = taken_apart(outcomes) | {"files": [file.name for file in files or heldout.shipped()]}
    found["breaches"] = limits.breaches(found["figures"]) if limits else []
    if report:
        _write(report, render(found | {"engine": _engine(outcomes)}))
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _told(found))
    if found["breaches"]:
        raise click.exceptions.Exit(1)


def _run(current: Services, cases: Sequence[heldout.Case]) -> list[Outcome]:
    """All outcomes, with a bar for whoever watches."""
    with click.progressbar(run(current.wiring.nlu, cases), len(cases), label="Judging", file=sys.stderr) as watched:
        return list(watched)


def _engine(outcomes: Sequence[Outcome]) -> str:
    seen = {(one.verdict.understanding.engine, one.verdict.understanding.release) for one in outcomes}
    return ", ".join(f"{engine} {release}".strip() for engine, release in sorted(seen))


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, "utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror}): name another place") from error


def _told(found: dict[str, Any]) -> str:
    """All figures, and beside them those of each origin, which are told apart where files name it."""
    origins = found["origins"]
    figures = [
        f"{name:<26}" + "".join(f"{column[name]!s:<10}" for column in (found["figures"], *origins.values())).rstrip()
        for name, value in found["figures"].items()
        if value is not None
    ]
    named = [" " * 26 + "".join(f"{name:<10}" for name in ("all", *origins)).rstrip()] if origins else []
    return "\n".join([*named, *figures, *(f"Below the floor: {breach}." for breach in found["breaches"])])
