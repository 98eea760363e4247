"""From the journal to notices: what happened since the last look, and who is to know of it.

Ids commit out of order on PostgreSQL, so each look goes back over the last ten seconds; the cursor knows what was
told of those. Whoever looks holds the cursor's row, so two tickers tell nothing twice.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import db, journal, people
from bot.clock import now
from bot.models import JournalEntry
from bot.services import Services
from bot.transactions import transact
from handoff.models import Delivery, Notice, NoticeCursor, Ticket
from handoff.notify import telling
from handoff.notify.rules import RULES, SILENT, URGENT_LEVEL, audience, sorts_of
from handoff.notify.staff import Staff
from handoff.notify.telling import Matter

OVERLAP = timedelta(seconds=10)  # no transaction takes longer
LIMIT = 50  # entries a look: on SQLite all who write wait for it
FAR = 500  # entries that concern nobody, after which the cursor moves all the same
CURSOR = 1
DEEDS = (
    "ticket.claimed",
    "ticket.accepted",
    "ticket.replied",
    "ticket.noted",
    "ticket.whispered",
    "ticket.resolved",
    "ticket.closed",
    "ticket.handed_back",
)
NEW_OWNER = ("ticket.claimed", "ticket.assigned", "ticket.requeued")
DONE_WITH = ("ticket.resolved", "ticket.closed", "ticket.handed_back")
RESTORED = "shop.restored"
NOT_MADE = "notice.not_made"
FOR_PROGRAMS = frozenset(
    {
        "ticket.opened",
        "ticket.assigned",
        "ticket.claimed",
        "ticket.requeued",
        "ticket.customer_wrote",
        "ticket.replied",
        "ticket.resolved",
        "ticket.closed",
        "ticket.handed_back",
        "ticket.reopened",
        "ticket.escalated",
        "ticket.raised",
        "ticket.lowered",
        "ticket.graded",
        "ticket.proposed",
        "ticket.department_asked",
        "ticket.department_accepted",
        "ticket.department_answered",
        "ticket.merged",
        "ticket.split",
        "promise.broken",
        "clock.breached",
    }
)
KINDS = frozenset({*RULES, *DEEDS, *NEW_OWNER, *DONE_WITH, *FOR_PROGRAMS, RESTORED})


log = structlog.get_logger()


def look(current: Services) -> None:
    """Tell of what is new. Most of the time nothing is, and then nothing is written."""
    with db.reading(current.sessions) as session:
        cursor = session.get(NoticeCursor, CURSOR)
        idle = cursor is not None and not _new(session, cursor) and _floor(session) - cursor.entry_id < FAR
    if not idle:
        transact(current.sessions, lambda session: _advance(session, current))


def _advance(session: Session, current: Services) -> None:
    cursor = hold(session)
    entries, staff = _new(session, cursor), Staff(session, current)
    cases = _cases(session, entries)
    for entry in entries:
        _take_alone(session, current, staff, entry, cases.get(entry.data.get("ticket_id")))
    settled = max(cursor.entry_id, _floor(session))
    if len(entries) == LIMIT:
        settled = min(settled, entries[-1].id)
    cursor.ahead = sorted(id_ for id_ in {*cursor.ahead, *(entry.id for entry in entries)} if id_ > settled)
    cursor.entry_id = settled


def hold(session: Session) -> NoticeCursor:
    """The cursor, held; the first look begins at the present."""
    people.insert_missing(session, NoticeCursor, {"id": CURSOR, "entry_id": _floor(session), "ahead": []})
    return session.scalars(select(NoticeCursor).with_for_update().execution_options(populate_existing=True)).one()


def _new(session: Session, cursor: NoticeCursor) -> Sequence[JournalEntry]:
    untold = select(JournalEntry).where(
        JournalEntry.id > cursor.entry_id, JournalEntry.id.not_in(cursor.ahead), JournalEntry.kind.in_(KINDS)
    )
    return session.scalars(untold.order_by(JournalEntry.id).limit(LIMIT)).all()


def _cases(session: Session, entries: Sequence[JournalEntry]) -> dict[Any, Ticket]:
    """The cases that the entries are about, by id."""
    those = {entry.data["ticket_id"] for entry in entries if entry.data.get("ticket_id")}
    return {ticket.id: ticket for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(those)))}


def _floor(session: Session) -> int:
    """The id up to which everything was committed by now."""
    settled = select(JournalEntry.id).where(JournalEntry.at < now() - OVERLAP)
    return session.scalar(settled.order_by(JournalEntry.id.desc()).limit(1)) or 0


def _take_alone(session: Session, current: Services, staff: Staff, entry: JournalEntry, ticket: Ticket | None) -> None:
    """One that cannot be told of must not keep everything after it from being told; the supervisors hear of it."""
    try:
        _take(session, current, staff, entry, ticket)
    except DBAPIError:
        raise  # it passes, or nobody could be told of anything anyway
    except Exception:
        log.exception("notice.not_made", journal_id=entry.id, kind=entry.kind)
        if entry.kind != NOT_MADE:
            case = entry.data.get("ticket_id")
            journal.write(session, NOT_MADE, conversation_id=entry.conversation_id, ticket_id=case, about=entry.kind)


def _take(session: Session, current: Services, staff: Staff, entry: JournalEntry, ticket: Ticket | None) -> None:
    if entry.kind == RESTORED:
        _drop(session)
    if ticket is not None:
        _settle(session, entry, ticket)
    if entry.kind in FOR_PROGRAMS:
        telling.tell_programs(session, staff, Matter(entry.kind, SILENT, ticket, entry.at, entry, entry.data))
    for sort in sorts_of(entry.kind, entry.data, ticket.level if ticket else ""):
        _tell(session, current, staff, entry, ticket, sort)


def _tell(
    session: Session, current: Services, staff: Staff, entry: JournalEntry, ticket: Ticket | None, kind: str
) -> None:
    """Tell of it as one rule says."""
    rule, who = RULES[kind], staff.around(ticket, entry.data)
    matter = Matter(kind, rule, ticket, entry.at, entry, entry.data)
    told = audience(rule, who, asked=str(entry.data.get("to", "")), doer=_doer(entry))
    telling.tell(session, current, staff, matter, told & staff.active)
    if rule.group and (ticket is None or ticket.level == URGENT_LEVEL):
        telling.tell_group(session, current, matter)


def _drop(session: Session) -> None:
    """What was on its way when a backup was taken may have arrived since."""
    session.execute(update(Delivery).where(Delivery.state.in_(("queued", "sending"))).values(state="cancelled"))


def _doer(entry: JournalEntry) -> int | None:
    """Who did it, and need not be told; nobody where the house itself did (`by` is then no user)."""
    by = entry.data.get("by", entry.user_id)
    return by if isinstance(by, int) else None


def _settle(session: Session, entry: JournalEntry, ticket: Ticket) -> None:
    """Who works on a case has seen what was told of it; once it is another's, or done, no backup is called."""
    before = (Notice.ticket_id == ticket.id, Notice.seen_at.is_(None), Notice.created_at <= entry.at)
    if entry.kind in DEEDS and entry.user_id is not None:
        seen = update(Notice).where(*before, Notice.user_id == entry.user_id)
        session.execute(seen.values(seen_at=entry.at, backup_at=None))
    if entry.kind in NEW_OWNER or entry.kind in DONE_WITH:
        session.execute(update(Notice).where(*before).values(backup_at=None))
