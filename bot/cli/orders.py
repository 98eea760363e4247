"""`frontline orders`: a shop's list of orders, for shops whose order system we do not ask itself."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from bot.cli.root import with_services
from bot.errors import OrdersAway
from bot.handed_in import UnreadableFile
from bot.orders import files, sql, systems
from bot.ports import Order, Owner
from bot.services import Services
from bot.transactions import transact


@click.group()
def orders() -> None:
    """Orders that customers may ask about."""


@orders.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@with_services
def import_(services: Services, file: Path) -> None:
    """Import orders from FILE (.csv); refused rows are named on standard error, with the field and the mend."""
    try:
        found, problems = files.read(file)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    added, changed = transact(services.sessions, lambda session: sql.save(session, found))
    unchanged, refused = len(found) - added - changed, len({problem.row for problem in problems})
    click.echo(f"新增 {added} 筆，更新 {changed} 筆，未變 {unchanged} 筆，退回 {refused} 列。")
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)


@orders.command()
@click.argument("number")
@with_services
def show(services: Services, number: str) -> None:
    """Print the order NUMBER as the shop's order system tells it, to see whether it is set up right."""
    try:
        found = services.wiring.orders.by_number(number)
        empty = _leads_nowhere(services, found) if found is not None else []
    except OrdersAway as away:
        raise click.ClickException(str(away)) from away
    if found is None:
        raise click.ClickException(f"{services.wiring.orders.name} knows no order {number}.")
    click.echo(json.dumps(asdict(found), ensure_ascii=False, default=str))
    for path in empty:
        click.echo(f"nothing at {path}", err=True)


def _leads_nowhere(services: Services, found: Order) -> list[str]:
    """Paths of the mapping file that found nothing in this order, or in the list of its owner's."""
    if services.settings.orders != "http":
        return []
    shop = systems.http(services.settings)
    empty = shop.mapped.nothing_at(shop.raw(found.number))
    for line_user, phone in ((found.line_user, ""), ("", found.phone)):
        try:
            shop.of(Owner(tuple(filter(None, (line_user,))), tuple(filter(None, (phone,)))), 1)
        except OrdersAway as away:
            empty.append(str(away))
    return empty
