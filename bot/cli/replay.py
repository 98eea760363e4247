"""`frontline replay`: run stored raw events again after a fix."""

import json

import click
from sqlalchemy import select

from bot import inbox
from bot.cli.root import with_services
from bot.models import Event
from bot.services import Services


@click.command()
@click.argument("event_ids", nargs=-1, type=int)
@click.option("--set-aside", "all_set_aside", is_flag=True, help="Every event that was set aside.")
@click.option("--json", "as_json", is_flag=True, help="Print the ids as JSON.")
@with_services
def replay(services: Services, event_ids: tuple[int, ...], all_set_aside: bool, as_json: bool) -> None:
    """Run stored raw events again: EVENT_IDS, or all that were set aside. No message is stored twice."""
    if bool(event_ids) == all_set_aside:
        raise click.UsageError("Name event ids, or give --set-aside.")
    wanted = Event.state == "set_aside" if all_set_aside else Event.id.in_(event_ids)
    with services.sessions.begin() as session:
        events = list(session.scalars(select(Event).where(wanted).order_by(Event.id)))
        missing = sorted(set(event_ids) - {event.id for event in events})
        if missing:
            raise click.ClickException(f"No such event: {', '.join(map(str, missing))}.")
        inbox.replay(session, services.broker, events)
    ids = [event.id for event in events]
    click.echo(json.dumps(ids) if as_json else f"{len(ids)} events will be run again.")
