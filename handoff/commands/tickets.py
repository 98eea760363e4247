"""The command group `tickets`: what lies on the desk, for a terminal or a script."""

import json
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.cli.root import with_services
from bot.errors import Refused
from bot.models import JournalEntry, Message, User
from bot.services import Services
from bot.transactions import transact
from handoff import tickets as acts
from handoff.models import LIVE, Ticket
from handoff.tickets import journeys, promises
from handoff.tickets.grading import LEVELS, PRIORITIES

COVER = ("type", "tags", "custom", "source", "team", "department", "facts", "taps", "handoffs", "repeats", "outcome")
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


@tickets.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_services
def show(services: Services, number: str, as_json: bool) -> None:
    """Show the case of NUMBER: its cover, its promises, and everything that happened to it."""
    with db.reading(services.sessions) as session:
        ticket = _ticket(session, number)
        told, history = _row(ticket) | _cover(session, ticket), _history(session, ticket)
    if as_json:
        click.echo(json.dumps(told | {"history": history}, ensure_ascii=False))
        return
    for name, value in told.items():
        click.echo(f"{name:<22} {value}")
    for entry in history:
        click.echo("  ".join(str(entry[name]) for name in ("at", "kind", "by", "data")))


@tickets.command()
@click.argument("message_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@with_services
def journey(services: Services, message_id: int, as_json: bool) -> None:
    """The way of a message through the house: each station, when it passed it, and by whom."""
    with db.reading(services.sessions) as session:
        if session.get(Message, message_id) is None:
            raise click.ClickException(f"there is no message {message_id}")
        stops = journeys.of(session, message_id)
    rows = [{"station": one.station, "at": one.at.isoformat() if one.at else None, "by": one.who} for one in stops]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['station']:<12} {row['at'] or '-':<34} {row['by']}".rstrip())


@tickets.command()
@click.argument("number")
@click.option("--by", required=True, metavar="USER", help="Who decides it, by user name; her role counts.")
@click.option("--level", type=click.Choice(LEVELS), help="How urgent it is.")
@click.option("--priority", type=click.Choice(PRIORITIES), help="Follows the level where not given.")
@click.option("--category", default="", help="What it is about, as policy.yml names it.")
@click.option("--why", default="", help="Wanted where level or priority is lowered.")
@with_services
def grade(services: Services, number: str, by: str, **given: str | None) -> None:
    """Raise or lower the case of NUMBER, or say what it is about; its clocks are counted anew."""

    def work(session: Session) -> str:
        ticket, user = _ticket(session, number), session.scalar(select(User.id).where(User.username == by))
        if user is None:
            raise click.ClickException(f"there is no user {by}")
        changed = acts.grade(session, ticket.id, user, **{name: value or "" for name, value in given.items()})
        return f"{changed.number} {changed.level} {changed.priority} {changed.category}"

    try:
        said = transact(services.sessions, work)
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(said)


def _ticket(session: Session, number: str) -> Ticket:
    ticket = session.scalar(select(Ticket).where(Ticket.number == number.upper()))
    if ticket is None:
        raise click.ClickException(f"there is no case {number}")
    return ticket


def _cover(session: Session, ticket: Ticket) -> dict[str, object]:
    into = session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    return {name: getattr(ticket, name) for name in COVER} | {
        "merged_into": into.number if into else "",
        "promises": [
            {"what": one.what, "to": one.to_whom, "by": one.due_at.isoformat(), "state": one.state}
            for one in promises.of(session, ticket)
        ],
    }


def _history(session: Session, ticket: Ticket) -> list[dict[str, Any]]:
    """What the journal tells of the case, oldest first, and by whom."""
    told = (
        select(JournalEntry, User.name)
        .outerjoin(User, User.id == JournalEntry.user_id)
        .where(JournalEntry.conversation_id == ticket.conversation_id)
        .order_by(JournalEntry.id)
    )
    return [
        {"at": entry.at.isoformat(), "kind": entry.kind, "by": name or "", "data": entry.data}
        for entry, name in session.execute(told)
        if entry.data.get("ticket_id") == ticket.id
    ]


def _row(ticket: Ticket) -> dict[str, object]:
    return {name: getattr(ticket, name) for name in FIELDS} | {
        "id": ticket.id,
        "assignee": ticket.assignee.name if ticket.assignee else "",
        "opened_at": ticket.opened_at.isoformat(),
        "first_response_due_at": ticket.first_response_due_at.isoformat(),
    }
