"""The command group `notices`: who was told what, when and how, whether it arrived, whether it was seen."""

import json
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db
from bot.cli.root import with_services
from bot.clock import now
from bot.models import User
from bot.services import Services
from bot.transactions import transact
from handoff.models import Delivery, Notice, Ticket
from handoff.notify import telling
from handoff.notify.rules import ALARM, MAIL, PUSH, Rule
from handoff.notify.staff import Staff
from handoff.notify.telling import Matter

TEST = Rule((), (PUSH, MAIL), ALARM, watched=False)


@click.group()
def notices() -> None:
    """What staff were told, and whether it reached them."""


@notices.command("list")
@click.option("--ticket", "number", help="Only of this case (CS-…).")
@click.option("--user", "username", help="Only to this member of staff.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def list_(services: Services, number: str | None, username: str | None, limit: int, as_json: bool) -> None:
    """List notices, the newest first: to whom, by which media, what became of each."""
    wanted = select(Notice).order_by(Notice.id.desc()).limit(limit)
    if number:
        wanted = wanted.where(Notice.ticket.has(Ticket.number == number))
    if username:
        wanted = wanted.where(Notice.user.has(User.username == username))
    whole = wanted.options(joinedload(Notice.user), joinedload(Notice.ticket), joinedload(Notice.deliveries))
    with db.reading(services.sessions) as session:
        rows = [_row(notice) for notice in session.scalars(whole).unique()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(_line(row))


@notices.command()
@click.argument("username")
@with_services
def test(services: Services, username: str) -> None:
    """Send USERNAME a notice by every medium that is set up for them; `list` tells what arrived."""

    def work(session: Session) -> int | None:
        user = session.scalar(select(User.id).where(User.username == username))
        if user is not None:
            telling.tell(session, services, Staff(session, services), Matter("test", TEST, None, now()), [user])
        return user

    if transact(services.sessions, work) is None:
        raise click.ClickException(f"nobody is called {username}")
    click.echo(f"A notice to {username} is on its way: see `frontline notices list --user {username}`.")


def _row(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "about": notice.kind,
        "ticket": notice.ticket.number if notice.ticket else None,
        "level": notice.level,
        "to": notice.user.username if notice.user else notice.key.rpartition(":")[2],
        "backup_for": notice.backs_id,
        "told_at": notice.created_at.isoformat(),
        "seen_at": _moment(notice.seen_at),
        "deliveries": [_delivery(delivery) for delivery in notice.deliveries],
    }


def _delivery(delivery: Delivery) -> dict[str, object]:
    names = ("medium", "address", "state", "why", "attempts", "error")
    known = {name: getattr(delivery, name) for name in names}
    return known | {"due_at": _moment(delivery.due_at), "arrived_at": _moment(delivery.sent_at)}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _line(row: dict[str, object]) -> str:
    deliveries = row["deliveries"]
    assert isinstance(deliveries, list)
    ways = ", ".join(f"{way['medium']} {way['state']}" for way in deliveries)
    seen = f"seen {row['seen_at']}" if row["seen_at"] else "not seen"
    return f"{row['told_at']}  {row['ticket'] or '-':<15}  {row['about']:<22}  {row['to']:<12}  {ways}; {seen}"
