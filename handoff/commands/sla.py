"""The command group `sla`: what cases are promised, and by which calendars; looked at, tried, and set."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TextIO, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot import db
from bot.cli.root import with_services
from bot.services import Services
from bot.transactions import transact
from handoff.clocks import previews, versions
from handoff.clocks.previews import Change, Outcome, Preview
from handoff.models import RuleVersion
from handoff.sla import InvalidRules

Result = TypeVar("Result")


@click.group()
def sla() -> None:
    """Targets, escalation and calendars of the desk."""


@sla.command()
@with_services
def show(services: Services) -> None:
    """Print the rules that count now, as YAML that `set` takes."""
    with db.reading(services.sessions) as session:
        click.echo(versions.document(session), nl=False)


@sla.command("versions")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def versions_(services: Services, as_json: bool) -> None:
    """List who changed the rules, and when, the newest first."""
    wanted = select(RuleVersion).options(joinedload(RuleVersion.user)).order_by(RuleVersion.id.desc())
    with db.reading(services.sessions) as session:
        rows = [_version(version) for version in session.scalars(wanted)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo("  ".join(str(value) for value in row.values()))


@sla.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@with_services
def preview(services: Services, file: TextIO) -> None:
    """Tell what the rules in FILE would change for cases like the last ones; nothing is set."""
    text = file.read()
    with db.reading(services.sessions) as session:
        found = _valid(lambda: previews.preview(session, text))
    for line in _told(found, services.settings.zone.key):
        click.echo(line)


@sla.command("set")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--note", default="", help="Why, for those who look at the versions later.")
@with_services
def set_(services: Services, file: TextIO, note: str) -> None:
    """Have the rules in FILE count for every case that is opened from now on."""
    text = file.read()
    version = _valid(lambda: transact(services.sessions, lambda s: versions.publish(s, text, None, note)))
    click.echo(f"Version {version} counts from now on.")


def _valid(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except InvalidRules as invalid:
        raise click.ClickException("\n".join(map(str, invalid.mistakes))) from invalid


def _version(version: RuleVersion) -> dict[str, object]:
    return {
        "version": version.id,
        "at": version.created_at.isoformat(),
        "by": version.user.name if version.user else "",
        "note": version.note,
    }


def _told(found: Preview, zone: str) -> list[str]:
    head = f"Of the last {found.looked_at} cases {found.affected} would be promised something else (times: {zone})."
    rungs = [f"  {rung.at} %: tells the {rung.to}{''.join(f', {deed}' for deed in rung.do)}" for rung in found.ladder]
    ladder = ["The ladder of warnings changes for all:", *rungs] if rungs else []
    return [head, *ladder, *(line for change in found.changes for line in _change(change))]


def _change(change: Change) -> list[str]:
    kind = " ".join(part for part in vars(change.case).values() if part)
    return [f"{kind} ({change.cases}):", f"  now    {_outcome(change.before)}", f"  then   {_outcome(change.after)}"]


def _outcome(outcome: Outcome) -> str:
    spans = ", ".join(f"{name} {span}" for name, span in outcome.targets.spans().items())
    calendar = outcome.calendar or "always"
    return (
        f"{spans}; {calendar}; opened now: {_at(outcome.opened_now)}, on Friday 20:00: {_at(outcome.opened_on_friday)}"
    )


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
