"""Keeps the customer's promise honest: who waits longer than we said hears so, before that time has passed; and whose
case has become more urgent hears that it takes less long.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from bot import conversations, journal, services
from bot.clock import now
from bot.dialogue import DEFAULT_LANGUAGE, replies
from bot.language import detect
from bot.messages import Outbound
from bot.models import Conversation
from bot.turn import introducing
from handoff import sla
from handoff.clocks import rows, versions
from handoff.clocks.cases import targets_of
from handoff.clocks.queueing import usual_wait
from handoff.models import Clock, Ticket

MUCH = timedelta(minutes=10)
STEP = 300  # seconds, to which a time of day is rounded up


def look_again(session: Session, ticket: Ticket, clock: Clock, where: Conversation) -> None:
    """The time that we told comes near, or has passed, and nobody has answered: say a true one, if it is much later.

    Once a promise is broken the next one is twice as long, so nobody is told often.
    """
    rules = versions.current(session)
    _, calendar = targets_of(rules, ticket)
    hours, at, told = rules.hours(calendar), now(), clock.due_at or now()
    expected = _rounded(hours.add(at, _left(session, ticket, clock, at)))
    if expected - told < MUCH:
        return
    rows.start(session, clock, rules, hours.between(at, expected), calendar=calendar)
    _say(session, where, sla.later(ticket.number, expected, at, hours, _language(ticket)))
    _tell(session, ticket, "ticket.told_later", expected)


def sooner(session: Session, ticket: Ticket, where: Conversation | None) -> None:
    """The case was raised: who waits for a time that is much too late by now hears of the one that counts."""
    waits = {one.kind: one for one in rows.of(session, ticket.id, "told", "first", "next") if one.stopped_at is None}
    told = waits.pop("told", None)
    owed = min((one.due_at for one in waits.values() if one.due_at), default=None)
    if told is None or told.due_at is None or owed is None or told.due_at - owed < MUCH:
        return
    rules, at = versions.current(session), now()
    _, calendar = targets_of(rules, ticket)
    hours = rules.hours(calendar)
    rows.start(session, told, rules, hours.between(at, owed), calendar=calendar)
    if where is not None:
        _say(session, where, sla.sooner(ticket.number, owed, at, hours, _language(ticket)))
        _tell(session, ticket, "ticket.told_sooner", owed)


def _left(session: Session, ticket: Ticket, clock: Clock, at: datetime) -> timedelta:
    """How much longer it usually takes from here, of the time in which somebody is there."""
    left = timedelta()
    for waits in rows.of(session, ticket.id, "first", "next"):
        if waits.stopped_at is None:
            left = max(usual_wait(session, ticket.team, waits.kind) - rows.run(session, waits).at(at), left)
    return max(left, 2 * timedelta(seconds=clock.target or 0)) if clock.due_at and clock.due_at <= at else left


def _say(session: Session, where: Conversation, text: str) -> None:
    name = f"{services.current().settings.shop_name}機器人"
    words = replies(where.contact.language if where.contact else DEFAULT_LANGUAGE)
    said = introducing.left_open(Outbound(text), where, words)
    conversations.say(session, where, said, speaker="system", sender_name=name)
    conversations.deliver_soon(session, where.id)


def _tell(session: Session, ticket: Ticket, kind: str, due: datetime) -> None:
    services.current().broker.wake_after_commit(session)
    journal.write(session, kind, conversation_id=ticket.conversation_id, ticket_id=ticket.id, due_at=due.isoformat())


def _language(ticket: Ticket) -> str:
    """The one in which the customer wrote what the case is about."""
    if ticket.summary:
        return detect(ticket.summary)
    return ticket.contact.language if ticket.contact else sla.DEFAULT_LANGUAGE


def _rounded(at: datetime) -> datetime:
    return datetime.fromtimestamp(-(-at.timestamp() // STEP) * STEP, UTC)
