"""Writing down that somebody is to know: the notice, and a delivery for each way by which it goes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.clock import now
from bot.models import JournalEntry
from bot.services import Services
from handoff.models import Delivery, Notice, Ticket
from handoff.notifiers.chat import address_of
from handoff.notify import planning
from handoff.notify.planning import COLLAPSES_FOR, Told
from handoff.notify.rules import LINE_GROUP, ROOM, URGENT_LEVEL, Rule
from handoff.notify.staff import Staff

BELL, WEBHOOK = "inapp", "webhook"
GROUP, PROGRAMS = "group", "programs"
KEPT_FACTS = ("due_at", "clock", "percent", "why", "to", "what", "articles", "messages", "groups")
STALE = timedelta(hours=1)  # after an outage of the ticker nobody's phone rings for what was long ago


@dataclass(frozen=True)
class Matter:
    """What there is to tell: which rule, about which case, since when."""

    kind: str
    rule: Rule
    ticket: Ticket | None
    at: datetime
    entry: JournalEntry | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    backs: Notice | None = None

    @property
    def level(self) -> str:
        return self.ticket.level if self.ticket else ""

    @property
    def key(self) -> str:
        if self.backs is not None:
            return f"backup:{self.backs.id}"
        return str(self.entry.id) if self.entry else f"{self.kind}:{self.at.isoformat()}"


def tell(session: Session, current: Services, staff: Staff, matter: Matter, users: Iterable[int]) -> None:
    """Tell each of `users`, on the bell and by the media of the rule, and have the consoles look."""
    told = sorted(users)
    for user in told:
        _tell_one(session, current, staff, matter, user)
    if told:
        _note(session, current, matter, told)


def tell_group(session: Session, current: Services, matter: Matter) -> None:
    """Tell the staff's rooms and group, where there are any."""
    rooms = [(ROOM, address_of(url)) for url in current.settings.chat_urls.split()]
    group = [(LINE_GROUP, current.settings.line_group_id)] if current.settings.line_group_id else []
    if not rooms and not group:
        return
    notice = _notice(matter, None)
    notice.deliveries = [Delivery(medium=medium, address=address) for medium, address in group + rooms]
    session.add(notice)


def tell_programs(session: Session, staff: Staff, matter: Matter) -> None:
    """Tell the programs that asked for this kind."""
    asked = [program for program in staff.programs if matter.kind in (program.kinds or [matter.kind])]
    if asked:
        notice = _notice(matter, None, PROGRAMS)
        notice.deliveries = [Delivery(medium=WEBHOOK, address=str(program.id)) for program in asked]
        session.add(notice)


def deadline(ticket: Ticket | None) -> dict[str, str]:
    """Until when somebody must answer, as long as nobody has."""
    waits = ticket is not None and ticket.first_response_at is None
    return {"due_at": ticket.first_response_due_at.isoformat()} if ticket and waits else {}


def _tell_one(session: Session, current: Services, staff: Staff, matter: Matter, user: int) -> None:
    people = staff.around(matter.ticket, matter.facts)
    notice = _notice(matter, user)
    notice.deliveries = [Delivery(medium=BELL, state="sent", sent_at=now())]
    if user in people.absent:
        notice.backup_at = now() if matter.rule.watched else None
    elif matter.rule.watched and people.backups(user):
        notice.backup_at = now() + _patience(current, matter.level)
    if user not in people.absent and now() - matter.at < STALE:
        notice.deliveries += _outside(session, staff, matter, user)
    session.add(notice)


def _outside(session: Session, staff: Staff, matter: Matter, user: int) -> list[Delivery]:
    addresses = staff.addresses(user)
    earlier = _unread(session, matter.ticket, user) if any(addresses.values()) else None
    plans = planning.plan(matter.rule, matter.level, addresses, now(), staff.quiet(user), earlier)
    return [
        Delivery(
            medium=plan.medium,
            address=plan.address,
            due_at=plan.due_at,
            first_due_at=plan.due_at,
            state=plan.state,
            why=plan.why,
        )
        for plan in plans
    ]


def _unread(session: Session, ticket: Ticket | None, user: int) -> Told | None:
    """The loudest notice of this case that went out to this person lately and is still unread."""
    if ticket is None:
        return None
    went_out = select(Notice.loudness, Notice.created_at).where(
        Notice.user_id == user,
        Notice.ticket_id == ticket.id,
        Notice.seen_at.is_(None),
        Notice.created_at > now() - COLLAPSES_FOR,
        Notice.deliveries.any((Delivery.medium != BELL) & Delivery.state.in_(("queued", "sending", "sent"))),
    )
    row = session.execute(went_out.order_by(Notice.loudness.desc(), Notice.id.desc()).limit(1)).first()
    return Told(*row) if row else None


def _patience(current: Services, level: str) -> timedelta:
    whole = timedelta(minutes=current.settings.backup_minutes)
    return whole / 3 if level == URGENT_LEVEL else whole


def _notice(matter: Matter, user: int | None, whom: str = GROUP) -> Notice:
    return Notice(
        key=f"{matter.key}:{user or whom}",
        kind=matter.kind,
        entry_id=matter.entry.id if matter.entry else None,
        user_id=user,
        ticket_id=matter.ticket.id if matter.ticket else None,
        level=matter.level,
        loudness=matter.rule.loudness,
        facts={**deadline(matter.ticket), **{name: matter.facts[name] for name in _kept(matter.facts)}},
        backs_id=matter.backs.id if matter.backs else None,
    )


def _kept(facts: Mapping[str, Any]) -> list[str]:
    return [name for name in (*KEPT_FACTS, "text") if name in facts]


def _note(session: Session, current: Services, matter: Matter, users: list[int]) -> None:
    current.broker.wake_after_commit(session)
    ticket = matter.ticket
    where = {"conversation_id": ticket.conversation_id if ticket else None}
    journal.write(session, "notice.told", **where, ticket_id=ticket.id if ticket else None, about=matter.kind, to=users)
