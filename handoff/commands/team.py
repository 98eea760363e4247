"""`frontline team`: who takes whose cases, when they work, and who is there now."""

import functools
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.cli.root import with_services
from bot.clock import now
from bot.errors import FrontlineError
from bot.models import User
from bot.services import Services
from handoff.assignment import leaves, staffing, teams, weeks
from handoff.hours import WEEKDAYS
from handoff.models import Absence, Member, Shift, Team

WHEN = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.group()
def team() -> None:
    """Teams, their members, shifts and leave."""


@team.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@with_services
def list_(services: Services, as_json: bool) -> None:
    """List the teams: who takes their cases, how many they have, and who is there."""
    with db.reading(services.sessions) as session:
        rows = list(_teams(session, services))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['key']:<12} {row['name']}" + ("  surge" if row["surge_since"] else ""))
        for member in row["members"]:
            marks = " ".join(mark for mark in ("lead", "standby", "there") if member[mark])
            click.echo(f"  {member['username']:<14} {member['capacity']:>3}  {','.join(member['skills'])} {marks}")


def changes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run the command in one transaction; a refusal is one line."""

    @with_services
    @functools.wraps(command)
    def changed(services: Services, *arguments: Any, **options: Any) -> None:
        try:
            with services.sessions.begin() as session:
                said = command(session, services, *arguments, **options)
        except FrontlineError as refused:
            raise click.ClickException(str(refused)) from refused
        click.echo(said)

    return changed


@team.command()
@click.argument("key")
@click.option("--name", default="", help="What staff read.")
@click.option("--head", help="User name of who answers for the team last; empty: nobody.")
@click.option("--overflow", help="The team that helps in a surge; empty: none.")
@changes
def add(session: Session, _: Services, key: str, name: str, head: str | None, overflow: str | None) -> str:
    """Make the team KEY, as the policy's matrix names it, or change it."""
    teams.put(session, key, name, head, overflow)
    return f"{key} is a team."


@team.command()
@click.argument("key")
@click.argument("username")
@click.option("--capacity", default=5, type=click.IntRange(0, 100), help="Cases in hand at once, of all teams.")
@click.option("--skill", "skills", multiple=True, help="A case category; none given means all.")
@click.option("--lead", is_flag=True, help="Is told when a case gets stuck, and takes the worst.")
@click.option("--standby", is_flag=True, help="Only in a surge.")
@click.option("--remove", is_flag=True, help="No longer a member.")
@changes
def member(
    session: Session,
    _: Services,
    key: str,
    username: str,
    capacity: int,
    skills: tuple[str, ...],
    lead: bool,
    standby: bool,
    remove: bool,
) -> str:
    """Have USERNAME take the cases of the team KEY, on these terms."""
    if remove:
        teams.leave(session, key, username)
        return f"{username} takes no more cases of {key}."
    teams.join(session, key, username, capacity, skills, lead=lead, standby=standby)
    return f"{username} takes cases of {key}, up to {capacity} at once."


@team.command()
@click.argument("username")
@click.argument("weekdays", nargs=-1, required=True, type=click.Choice(WEEKDAYS))
@click.option("--hours", default="", help='Like "09:00-18:00" or "22:00-06:00"; left out: a day off.')
@changes
def shift(session: Session, _: Services, username: str, weekdays: tuple[str, ...], hours: str) -> str:
    """Set when USERNAME works on these WEEKDAYS; who has no shifts works whenever online."""
    weeks.set_shifts(session, username, weekdays, hours)
    return f"{username} works {', '.join(weekdays)} {hours or 'not at all'}."


@team.command()
@click.argument("username")
@click.argument("starts", type=WHEN)
@click.argument("ends", type=WHEN)
@click.option("--reason", default="", help="For colleagues.")
@changes
def leave(session: Session, services: Services, username: str, starts: datetime, ends: datetime, reason: str) -> str:
    """Give USERNAME no cases from STARTS until ENDS, in the shop's time."""
    zone = services.settings.zone
    user_id = teams.user(session, username).id
    leaves.enter(session, user_id, starts.replace(tzinfo=zone), ends.replace(tzinfo=zone), reason)
    return f"{username} is on leave until {ends:%Y-%m-%d %H:%M}."


@team.command()
@click.argument("username")
@click.argument("starts", type=WHEN)
@click.option("--ends", type=WHEN, help="Back from then on; left out: it is taken back, or ends now if it has begun.")
@changes
def back(session: Session, services: Services, username: str, starts: datetime, ends: datetime | None) -> str:
    """End the leave of USERNAME that begins at STARTS, in the shop's time, earlier than was said."""
    zone = services.settings.zone
    absence = leaves.find(session, teams.user(session, username).id, starts.replace(tzinfo=zone))
    if ends is None:
        leaves.take_back(session, absence.id)
        return f"{username} is not on leave."
    leaves.shorten(session, absence.id, ends.replace(tzinfo=zone))
    return f"{username} is on leave until {ends:%Y-%m-%d %H:%M}."


def _teams(session: Session, services: Services) -> Iterator[dict[str, Any]]:
    there = {agent.id: agent for agent in staffing.agents(session, now(), services.settings.zone) if agent.there}
    users = {user.id: user.username for user in session.scalars(select(User))}
    shifts = session.scalars(select(Shift).order_by(Shift.weekday, Shift.opens)).all()
    absences = session.scalars(select(Absence).where(Absence.ends_at > now())).all()
    for one in session.scalars(select(Team).order_by(Team.key)).all():
        members = session.scalars(select(Member).where(Member.team_id == one.id).order_by(Member.id)).all()
        yield {
            "key": one.key,
            "name": one.name,
            "head": users.get(one.head_id or 0, ""),
            "overflow": one.overflow,
            "surge_since": one.surge_since.isoformat() if one.surge_since else None,
            "members": [
                {
                    "username": users[m.user_id],
                    "capacity": m.capacity,
                    "skills": m.skills,
                    "lead": m.lead,
                    "standby": m.standby,
                    "there": m.user_id in there,
                    "load": there[m.user_id].load if m.user_id in there else None,
                    "shifts": [f"{WEEKDAYS[s.weekday]} {s.opens}-{s.closes}" for s in shifts if s.user_id == m.user_id],
                    "leave": [
                        f"{a.starts_at.isoformat()}/{a.ends_at.isoformat()}" for a in absences if a.user_id == m.user_id
                    ],
                }
                for m in members
            ],
        }
