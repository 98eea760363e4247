"""`frontline token`: what programs use to call the API."""

import json

import click

from bot import db
from bot.api import tokens
from bot.api.scopes import SCOPES
from bot.auth.permissions import ROLES
from bot.cli.root import with_services
from bot.errors import FrontlineError
from bot.models import ApiToken
from bot.services import Services
from bot.transactions import transact


@click.group()
def token() -> None:
    """Tokens of programs that call the API."""


@token.command()
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the program may do.")
@click.option("--name", default="API", show_default=True, help="The name that people see beside what it does.")
@click.option(
    "--scope",
    "allowed",
    multiple=True,
    metavar="SCOPE",
    type=click.Choice(SCOPES),
    help="Less than the role may: read (everything, read only), or of one resource tickets:read, tickets:write, …"
    " Repeatable; without it all that the role may.",
)
@with_services
def create(services: Services, role: str, name: str, allowed: tuple[str, ...]) -> None:
    """Make a token and print it; it is shown only now."""
    click.echo(transact(services.sessions, lambda session: tokens.create(session, name, role, allowed)))


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def show(services: Services, as_json: bool) -> None:
    """List the tokens, without themselves."""
    with db.reading(services.sessions) as session:
        known = tokens.everything(session)
    if as_json:
        click.echo(json.dumps([_row(found) for found in known], ensure_ascii=False))
    for found in () if as_json else known:
        click.echo(_line(found))


@token.command()
@click.argument("token_id", type=int)
@with_services
def revoke(services: Services, token_id: int) -> None:
    """Make a token worthless, by its number in the list."""
    try:
        transact(services.sessions, lambda session: tokens.revoke(session, token_id))
    except FrontlineError as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"Token {token_id} opens nothing any more.")


def _line(found: ApiToken) -> str:
    state = "revoked" if found.revoked_at else f"last used {found.used_at.isoformat() if found.used_at else 'never'}"
    state += f", until {found.expires_at.isoformat()}" if found.expires_at else ""
    may = " ".join(found.scopes) or "all of it"
    return f"{found.id:>4}  {found.user.role:<12} {found.user.name}  {may}  {state}"


def _row(found: ApiToken) -> dict[str, object]:
    times = {name: getattr(found, name) for name in ("created_at", "used_at", "revoked_at", "expires_at")}
    known = {"id": found.id, "name": found.user.name, "role": found.user.role, "scopes": found.scopes}
    return known | {name: at.isoformat() if at else None for name, at in times.items()}
