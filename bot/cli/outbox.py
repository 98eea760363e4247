"""`frontline outbox`: what has not reached the customers, and what staff decide about it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import click
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import conversations, db
from bot import outbox as way_out
from bot.cli.root import with_services
from bot.errors import Refused
from bot.models import Account, OutboxRow
from bot.services import Services
from bot.transactions import transact

STATES = ("queued", "sending", "unknown", "failed", "cancelled", "sent")
SHOWN = ("queued", "sending", "unknown", "failed")


@click.group()
def outbox() -> None:
    """Messages to customers that have not arrived (for sure)."""


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only this state; otherwise all that is not done with.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def list_(services: Services, state: str | None, limit: int, as_json: bool) -> None:
    """List messages, the oldest first, by what becomes of them; their words are not shown."""
    with db.reading(services.sessions) as session:
        wanted = select(OutboxRow).where(OutboxRow.state.in_([state] if state else SHOWN))
        rows = [_row(row) for row in session.scalars(wanted.order_by(OutboxRow.id).limit(limit))]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(
            f"{row['id']:>8}  {row['state']:<9}  {row['created_at']}  conversation {row['conversation_id']}  "
            f"{row['attempts']} tries  {row['error']}"
        )


@outbox.command()
@click.argument("row_ids", nargs=-1, type=int, metavar="ID...")
@click.option("--failed", "all_failed", is_flag=True, help="Every message that was given up.")
@with_services
def resend(services: Services, row_ids: tuple[int, ...], all_failed: bool) -> None:
    """Send messages again that were given up, or whose outcome is unknown (those may arrive twice)."""
    if bool(row_ids) == all_failed:
        raise click.UsageError("Name ids, or give --failed.")
    count = sum(_resend_failed(services)) if all_failed else _resend(services, row_ids)
    click.echo(f"{count} messages will be sent again.")


def _resend(services: Services, row_ids: Sequence[int]) -> int:
    with _refusals_explained():
        return transact(services.sessions, lambda session: way_out.resend(session, row_ids))


def _resend_failed(services: Services) -> Iterator[int]:
    """One conversation after the other, each stored by itself: they do not wait for one another's locks."""
    failed = OutboxRow.state == "failed"
    with db.reading(services.sessions) as session:
        found = sorted(session.scalars(select(OutboxRow.conversation_id).where(failed).distinct()))
    for conversation_id in found:
        theirs = select(OutboxRow.id).where(OutboxRow.conversation_id == conversation_id, failed)
        yield transact(services.sessions, partial(_resend_theirs, conversation_id, theirs))


def _resend_theirs(conversation_id: int, theirs: Select[int], session: Session) -> int:
    conversations.locked(session, conversation_id)
    return way_out.resend(session, session.scalars(theirs).all())


@outbox.command()
@click.argument("row_ids", nargs=-1, type=int, required=True, metavar="ID...")
@with_services
def settle(services: Services, row_ids: tuple[int, ...]) -> None:
    """Note that messages of unknown outcome did arrive."""

    def work(session: Session) -> None:
        for row_id in row_ids:
            way_out.settle(session, row_id)

    with _refusals_explained():
        transact(services.sessions, work)
    click.echo(f"{len(row_ids)} messages are noted as arrived.")


@outbox.command("let-go")
@click.argument("row_ids", nargs=-1, type=int, required=True, metavar="ID...")
@with_services
def let_go(services: Services, row_ids: tuple[int, ...]) -> None:
    """Note that nobody needs given-up messages any more: they are not listed again."""
    with _refusals_explained():
        transact(services.sessions, lambda session: way_out.let_go(session, row_ids))
    click.echo(f"{len(row_ids)} messages are let go.")


@outbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def quota(services: Services, as_json: bool) -> None:
    """Ask each platform how many of this month's pushes are used."""
    with db.reading(services.sessions) as session:
        accounts = session.scalars(select(Account.id).order_by(Account.id)).all()
    for account_id in accounts:
        way_out.read_quota(account_id)
    with db.reading(services.sessions) as session:
        rows = [_gauge(account) for account in session.scalars(select(Account).order_by(Account.id))]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(f"{row['channel']} {row['account']}: {row['used']} of {row['limit'] or 'any number'} pushes used")


@contextmanager
def _refusals_explained() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException("not there, or in another state by now: see `frontline outbox list`") from refused


def _row(row: OutboxRow) -> dict[str, object]:
    names = ("id", "conversation_id", "state", "speaker", "via", "attempts", "error")
    times = {name: getattr(row, name).isoformat() for name in ("created_at", "due_at")}
    return {name: getattr(row, name) for name in names} | times


def _gauge(account: Account) -> dict[str, object]:
    return {
        "channel": account.channel,
        "account": account.external_id,
        "limit": account.quota_limit,
        "used": account.quota_used,
        "read_at": account.quota_at.isoformat() if account.quota_at else None,
        "paused_until": account.push_paused_until.isoformat() if account.push_paused_until else None,
    }
