"""The command group `hook`: programs elsewhere that are told what happens on the desk."""

import json

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.cli.root import with_services
from bot.errors import Refused
from bot.services import Services
from bot.transactions import transact
from handoff.models import WebhookEndpoint
from handoff.notify import programs
from handoff.notify.reading import FOR_PROGRAMS


@click.group()
def hook() -> None:
    """Signed webhooks to programs elsewhere."""


@hook.command()
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(sorted(FOR_PROGRAMS)), help="Only this; all if none.")
@with_services
def create(services: Services, url: str, kinds: tuple[str, ...]) -> None:
    """Tell URL what happens; prints the secret that signs it. A URL that is known begins anew, with a new secret."""
    try:
        click.echo(transact(services.sessions, lambda session: programs.begin(session, url, list(kinds)).secret))
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused


@hook.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def show(services: Services, as_json: bool) -> None:
    """List the programs that are told, without their secrets."""
    with db.reading(services.sessions) as session:
        endpoints = session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all()
    rows = [{"id": e.id, "url": e.url, "kinds": e.kinds or ["all"], "gone": bool(e.gone_at)} for e in endpoints]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(f"{row['id']:>4}  {row['url']}  {row['kinds']}{'  gone' if row['gone'] else ''}")


@hook.command()
@click.argument("endpoint_id", type=int)
@with_services
def remove(services: Services, endpoint_id: int) -> None:
    """Tell a program nothing any more, by its number in the list."""

    def work(session: Session) -> bool:
        endpoint = session.get(WebhookEndpoint, endpoint_id)
        if endpoint is not None:
            programs.end(session, endpoint)
        return endpoint is not None

    if not transact(services.sessions, work):
        raise click.ClickException(f"there is no program {endpoint_id}")
    click.echo(f"Program {endpoint_id} is told nothing any more.")
