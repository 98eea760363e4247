"""The command group `tickets`: what lies on the desk, for a terminal or a script."""

import json

import click
from sqlalchemy import select

from bot import db
from bot.cli.root import with_services
from bot.services import Services
from handoff.models import LIVE, Ticket

FIELDS = ("number", "state", "level", "priority", "category", "intent", "reason")


@click.group()
def tickets() -> None:
    """Cases in human hands."""


@tickets.command("list")
@click.option("--all", "with_resolved", is_flag=True, help="Resolved cases too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@with_services
def list_(services: Services, with_resolved: bool, as_json: bool) -> None:
    """List cases, the most urgent first."""
    query = select(Ticket).order_by(Ticket.level, Ticket.first_response_due_at, Ticket.id)
    if not with_resolved:
        query = query.where(Ticket.state.in_(LIVE))
    with db.reading(services.sessions) as session:
        rows = [_row(ticket) for ticket in session.scalars(query)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(str(row[name]) for name in ("number", "level", "state", "assignee", "reason")))


def _row(ticket: Ticket) -> dict[str, object]:
    return {name: getattr(ticket, name) for name in FIELDS} | {
        "id": ticket.id,
        "assignee": ticket.assignee.name if ticket.assignee else "",
        "opened_at": ticket.opened_at.isoformat(),
        "first_response_due_at": ticket.first_response_due_at.isoformat(),
    }
