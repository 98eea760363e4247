"""`frontline user`: the members of staff. Outside the demo there is nobody until an operator makes somebody."""

import json
import sys

import click
from sqlalchemy import select

from bot import db
from bot.auth import passwords, provided, renewal, second_step
from bot.auth.accounts import create_user, find
from bot.auth.permissions import ROLES
from bot.cli.root import with_services
from bot.errors import FrontlineError
from bot.models import User
from bot.services import Services
from bot.tongues import HOUSE, LANGUAGES
from bot.transactions import transact


@click.group()
def user() -> None:
    """Members of staff."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="The name that customers and colleagues see.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What this member may do.")
@click.option(
    "--language", default=HOUSE, show_default=True, type=click.Choice(tuple(LANGUAGES)), help="Of letters to them."
)
@click.password_option(help="At least 8 characters; asked for when left out.")
@with_services
def create(services: Services, username: str, name: str, role: str, language: str, password: str) -> None:
    """Make a member of staff who signs in as USERNAME."""
    try:
        with services.sessions.begin() as session:
            create_user(session, username, name, role, password, language=language)
    except FrontlineError as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{username} can sign in as {role}.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def show(services: Services, as_json: bool) -> None:
    """List the members of staff."""
    with db.reading(services.sessions) as session:
        members = session.scalars(select(User).order_by(User.username)).all()
    rows = [{"username": m.username, "name": m.name, "role": m.role, "active": m.active} for m in members]
    click.echo(
        json.dumps(rows, ensure_ascii=False)
        if as_json
        else "\n".join(f"{row['username']:<16} {row['role']:<12} {row['name']}" for row in rows)
    )


@user.command()
@click.argument("username")
@click.option("--stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@with_services
def password(services: Services, username: str, stdin: bool) -> None:
    """Let USERNAME in again with a one-time password, printed this once; all their sign-ins end."""
    given = sys.stdin.readline().rstrip("\r\n") if stdin else passwords.one_time()
    try:
        passwords.check(given, username)
        kept = passwords.kept(given)
        transact(services.sessions, lambda session: renewal.reset(session, username, kept, by=None))
    except FrontlineError as refused:
        raise click.ClickException(str(refused)) from refused
    if not stdin:
        click.echo(given)
    click.echo(f"{username} can sign in with it for a day, and must choose another then.", err=True)


@user.command("no-second-step")
@click.argument("username")
@with_services
def no_second_step(services: Services, username: str) -> None:
    """Take off USERNAME's second step, say of a lost phone; all their sign-ins end."""
    try:
        transact(
            services.sessions,
            lambda session: second_step.take_off(session, find(session, username).id, by=None),
        )
    except FrontlineError as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{username} signs in with the password alone.")


@user.command()
@click.argument("username")
@click.argument("name")
@with_services
def provider(services: Services, username: str, name: str) -> None:
    """USERNAME signs in with the provider, which calls them NAME (their e-mail, unless OIDC_CLAIM says otherwise)."""
    try:
        transact(services.sessions, lambda session: provided.call(session, services.settings, username, name, by=None))
    except FrontlineError as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{username} is {name} at the provider." if name else f"{username} comes by password alone.")
