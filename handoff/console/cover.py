"""What the forms about a case show: promises, the complaint, who is on it, to whom it may go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import services
from bot.auth import Member
from bot.models import User
from bot.nlu.policy import load as load_policy
from handoff import clocks
from handoff.clocks import versions
from handoff.models import CaseField, CaseMember, CasePromise, CaseTag, Complaint, Proposal, Team, Ticket
from handoff.tickets import approving, complaints, filing, marks, members, promises, satisfaction
from handoff.tickets.speaking import Reach
from handoff.tickets.transitions import DESK, SENIORS

VIP = "VIP"


@dataclass(frozen=True)
class Cover:
    """`handles`: the member has this case or leads the desk; `guest`: he was asked into it.

    `tiers`: offered to whoever may set one. `asked`: until when the members who have not accepted are to do so.
    `by_phone`: there is no other way to the customer. `blocked`: he wants no messages from us.
    `waited`: minutes, from his first words to our first.
    `tags`, `fields`: what the house keeps, those that are retired as well. `prepared`: by the bot, and whether it is
    the member's to decide; `changes`: what of an order the shop's system can change.
    """

    handles: bool
    guest: CaseMember | None
    at: datetime
    types: Sequence[str]
    categories: Sequence[str]
    promises: Sequence[CasePromise]
    complaint: Complaint | None
    rating: Complaint | None
    remedies: Sequence[str]
    members: Sequence[CaseMember]
    asked: Mapping[int, datetime]
    colleagues: Sequence[User]
    contacts: Sequence[User]
    teams: Sequence[Team]
    tiers: Sequence[str]
    into: Ticket | None
    split_from: Ticket | None
    by_phone: bool
    blocked: bool
    waited: int | None
    tags: Sequence[CaseTag]
    fields: Sequence[CaseField]
    prepared: Sequence[tuple[Proposal, bool]]
    changes: Collection[str]


def load(session: Session, ticket: Ticket, member: Member, reach: Reach, at: datetime) -> Cover:
    staff = session.scalars(select(User).where(User.active).order_by(User.name)).all()
    return Cover(
        handles=member.role in DESK and (ticket.assignee_id == member.id or member.role in ("supervisor", "admin")),
        guest=members.sees(session, ticket, member.id),
        at=at,
        types=filing.TYPES,
        categories=tuple(load_policy()[0].categories),
        promises=promises.of(session, ticket),
        complaint=complaints.of(session, ticket),
        rating=session.get(Complaint, ticket.id) if satisfaction.asked(session, ticket) else None,
        remedies=complaints.remedies(),
        members=members.of(session, ticket),
        asked=clocks.due(session, ticket, members.CLOCK),
        colleagues=[user for user in staff if user.role in DESK and user.id != ticket.assignee_id],
        contacts=[user for user in staff if user.role in ("department", "specialist")],
        teams=session.scalars(select(Team).order_by(Team.name)).all(),
        tiers=_tiers(session) if ticket.contact_id and member.role in SENIORS else (),
        into=session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None,
        split_from=session.get(Ticket, ticket.split_from_id) if ticket.split_from_id else None,
        by_phone=not reach.writable,
        blocked=reach.blocked,
        waited=_minutes(clocks.customers_wait(session, ticket)),
        tags=marks.tags(session),
        fields=marks.fields(session),
        prepared=_prepared(session, ticket, member),
        changes=services.current().wiring.orders.changes,
    )


def _prepared(session: Session, ticket: Ticket, member: Member) -> list[tuple[Proposal, bool]]:
    """What the bot prepared, and whether it is this member's to decide; only the desk's business."""
    rows = approving.of(session, ticket) if member.role in DESK else ()
    return [(row, approving.may(row, ticket, member.id, member.role)) for row in rows]


def _minutes(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() // 60)


def _tiers(session: Session) -> Sequence[str]:
    """Those that mean something here: to the bot, and to the rules of the day."""
    named = (tier for row in versions.current(session).rows for tier in row.asked.get("tier", ()))
    return tuple(dict.fromkeys((VIP, *named)))
