"""Who is who for a case, and where each is reached: read for one round, the same people are asked for only once."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import now
from bot.models import ApiToken, User
from bot.services import Services
from handoff.models import Absence, Member, NoticeChoice, Presence, PushSubscription, Ticket, WebhookEndpoint
from handoff.notify.planning import Quiet
from handoff.notify.rules import MAIL, PUSH, People

LEADING = ("supervisor",)
HEADING = ("admin",)
KEEPING, REVIEWING = ("editor",), ("reviewer",)


class Staff:
    """The staff as they are in one transaction."""

    def __init__(self, session: Session, current: Services) -> None:
        self._session = session
        self._settings = current.settings

    def around(self, ticket: Ticket | None, data: Mapping[str, Any]) -> People:
        """Who is who for a case, or for a team where there is none."""
        team = ticket.team if ticket else str(data.get("team", ""))
        members = [member for member in self._members if member.team.key == team]
        leads = frozenset(member.user_id for member in members if member.lead)
        heads = frozenset(member.team.head_id for member in members if member.team.head_id)
        working = frozenset(member.user_id for member in members if not member.standby)
        return People(
            owner=ticket.assignee_id if ticket else None,
            named=data.get("to_user") or (ticket.assignee_id if ticket else None),
            former=data.get("from_user"),
            queue=working & self._present - self._absent,
            standby=frozenset(member.user_id for member in members if member.standby) | self._helping(data),
            leads=leads or self._with_role(LEADING),
            heads=heads or self._with_role(HEADING),
            supervisors=self._with_role(LEADING),
            department=self._of_department(data),
            keepers=self._with_role(KEEPING) or self._with_role(REVIEWING) or self._with_role(LEADING),
            reviewers=self._with_role(REVIEWING) or self._with_role(LEADING),
            absent=self._absent,
        )

    def addresses(self, user: int) -> dict[str, tuple[str, ...]]:
        """Where somebody is reached outside the console, by medium."""
        choice = self._choices.get(user)
        mail = (choice.email,) if choice and choice.email and self._settings.smtp_url else ()
        return {PUSH: self._browsers.get(user, ()), MAIL: mail}

    def quiet(self, user: int) -> Quiet | None:
        choice = self._choices.get(user)
        return Quiet.parse(choice.quiet, self._settings.zone) if choice else None

    @cached_property
    def active(self) -> frozenset[int]:
        return frozenset(self._roles)

    @cached_property
    def programs(self) -> list[WebhookEndpoint]:
        """The programs that are told of anything."""
        return list(self._session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.gone_at.is_(None))))

    def _helping(self, data: Mapping[str, Any]) -> frozenset[int]:
        """Those who take cases in the team that is called to help."""
        helps = data.get("overflow")
        return frozenset(member.user_id for member in self._members if member.team.key == helps and not member.standby)

    def _of_department(self, data: Mapping[str, Any]) -> frozenset[int]:
        """The contact who was asked, or everybody of the team of that name."""
        if contact := data.get("to_user"):
            return frozenset({int(contact)})
        asked = data.get("department")
        return frozenset(member.user_id for member in self._members if asked in (member.team.key, member.team.name))

    def _with_role(self, roles: tuple[str, ...]) -> frozenset[int]:
        return frozenset(user for user, role in self._roles.items() if role in roles)

    @cached_property
    def _roles(self) -> dict[int, str]:
        program = select(ApiToken.id).where(ApiToken.user_id == User.id).exists()
        found = self._session.execute(select(User.id, User.role).where(User.active, ~program))
        return {user: role for user, role in found}

    @cached_property
    def _members(self) -> list[Member]:
        return list(self._session.scalars(select(Member)))

    @cached_property
    def _present(self) -> frozenset[int]:
        there = select(Presence.user_id).where(Presence.status == "online", Presence.online_until > now())
        return frozenset(self._session.scalars(there))

    @cached_property
    def _absent(self) -> frozenset[int]:
        away = select(Absence.user_id).where(Absence.starts_at <= now(), Absence.ends_at > now())
        return frozenset(self._session.scalars(away))

    @cached_property
    def _choices(self) -> dict[int, NoticeChoice]:
        return {choice.user_id: choice for choice in self._session.scalars(select(NoticeChoice))}

    @cached_property
    def _browsers(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        subscribed = select(PushSubscription).where(PushSubscription.gone_at.is_(None)).order_by(PushSubscription.id)
        for browser in self._session.scalars(subscribed):
            found[browser.user_id] = (*found.get(browser.user_id, ()), str(browser.id))
        return found
