"""What happens to a case, as its clocks hear of it."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from bot import services
from bot.clock import now
from bot.models import VOTE, JournalEntry, Message
from handoff import sla
from handoff.clocks import rows, versions
from handoff.clocks.queueing import usual_wait
from handoff.models import Clock, Ticket
from handoff.sla import Rules, Targets

ANSWERED = ("first", "next", "customer", "told")
PAUSING = ("resolution", "untouched")
IN_WORKING_TIME = frozenset({"department"})
WRITTEN_DOWN = {"first": "first_response_due_at", "resolution": "resolution_due_at"}


def opened(session: Session, ticket: Ticket, language: str = sla.DEFAULT_LANGUAGE) -> sla.Promise:
    """Set when a new case is due, store it, and start its clocks. What the customer is promised."""
    with session.no_autoflush:  # the case is not whole before it knows when it is due
        rules = versions.current(session)
        targets, calendar = targets_of(rules, ticket)
        promise = sla.promise(
            targets,
            ticket.opened_at,
            rules.hours(calendar),
            language=language,
            usual=usual_wait(session, ticket.team, "first"),
            second=services.current().settings.second_contact,
        )
    ticket.first_response_due_at, ticket.resolution_due_at = promise.first_response_due, promise.resolution_due
    session.add(ticket)
    session.flush()
    _start_all(session, ticket, rules, promise)
    return promise


def _start_all(session: Session, ticket: Ticket, rules: Rules, promise: sla.Promise) -> None:
    """A new case has none of its clocks yet."""
    targets, calendar = targets_of(rules, ticket)
    wound = [
        rows.wind(session, rows.made(ticket, "first"), rules, targets.first, calendar=calendar),
        rows.wind(session, rows.made(ticket, "customer"), rules, targets.customer, since=first_words(session, ticket)),
        rows.wind(session, rows.made(ticket, "told"), rules, promise.wait, calendar=calendar),
        rows.wind(session, rows.made(ticket, "resolution"), rules, targets.resolution, calendar=calendar),
    ]
    if targets.untouched is not None:
        wound.append(rows.wind(session, rows.made(ticket, "untouched"), rules, targets.untouched, calendar=calendar))
    rows.start_all(session, wound)


def customer_wrote(session: Session, ticket: Ticket) -> None:
    """The customer waits for us again, since the first of his messages that nobody answered."""
    _go_on(session, ticket)
    if any(clock.stopped_at is None for clock in rows.of(session, ticket.id, "first", "next")):
        return
    rules = versions.current(session)
    targets, calendar = targets_of(rules, ticket)
    says = sla.honest(targets.next, usual_wait(session, ticket.team, "next"), now(), rules.hours(calendar))
    rows.start(session, rows.found_or_made(session, ticket, "next"), rules, targets.next, calendar=calendar)
    rows.start(session, rows.found_or_made(session, ticket, "told"), rules, says, calendar=calendar)


def answered(session: Session, ticket: Ticket) -> None:
    """A person has answered the customer."""
    for clock in rows.of(session, ticket.id, *ANSWERED):
        rows.stop(session, clock)
    _begin_untouched(session, ticket)


def reminder(session: Session, ticket: Ticket, language: str = sla.DEFAULT_LANGUAGE) -> str:
    """What a customer hears of a case that is open already: until when somebody answers, if that has not passed."""
    waits_for = rows.of(session, ticket.id, "first", "next", "told")
    until = {clock.kind: clock.due_at for clock in waits_for if not clock.stopped_at}
    rules, at = versions.current(session), now()
    due = until.get("told") or until.get("next") or until.get("first") or at
    return sla.reminder(ticket.number, due, at, rules.hours(targets_of(rules, ticket)[1]), language)


def waits(session: Session, ticket: Ticket) -> None:
    """We wait for the customer: that time is not ours."""
    for clock in rows.of(session, ticket.id, *PAUSING):
        rows.pause(session, clock)


def rest(session: Session, ticket: Ticket) -> None:
    """Nobody can reach the customer: neither can we do anything about what we owe him, nor does his silence answer."""
    for clock in rows.of(session, ticket.id, *ANSWERED, *PAUSING, "proposal"):
        rows.pause(session, clock)


def waits_again(session: Session, ticket: Ticket) -> None:
    """He can be reached again, and it is still his turn: his silence counts from where it stood."""
    for clock in rows.of(session, ticket.id, "proposal"):
        if clock.state == "paused":
            rows.go_on(session, clock)


def our_turn(session: Session, ticket: Ticket) -> None:
    """A live case waits for the customer no longer: whatever he was asked, his silence answers nothing now."""
    ticket.proposed_at = None
    end(session, ticket, "proposal")
    _go_on(session, ticket)


def was_touched(session: Session, clock: Clock) -> bool:
    """Whether a colleague has worked on the case since the clock ran: then it runs anew from there.

    To look at it is no work, nor is to advise; what is done to another case of the conversation is none on this one.
    """
    about = JournalEntry.data["ticket_id"].as_integer()
    last = session.scalar(
        select(func.max(JournalEntry.at)).where(
            JournalEntry.conversation_id == clock.ticket.conversation_id,
            about.is_(None) | (about == clock.ticket_id),
            JournalEntry.user_id.is_not(None),
            JournalEntry.kind.not_in(("ticket.seen", "ticket.whispered")),
            JournalEntry.at > clock.anchor_at,
        )
    )
    if last is None:
        return False
    _begin_anew(session, clock, since=last)
    return True


def resolved(session: Session, ticket: Ticket) -> None:
    """The case is over, whatever ran; but what was promised for later is still to be done."""
    for clock in rows.of(session, ticket.id, *ANSWERED, *PAUSING, "accept", "department", "proposal"):
        rows.stop(session, clock)


def reopened(session: Session, ticket: Ticket) -> None:
    """The case goes on with what was left of its time; a breach stays one."""
    _go_on(session, ticket)
    _begin_untouched(session, ticket)


def raised(session: Session, ticket: Ticket) -> None:
    """The case is more urgent now: it has the targets of its new level from now on, unless it had less time left."""
    rules = versions.current(session)
    targets, calendar = targets_of(rules, ticket)
    hours, at = rules.hours(calendar), now()
    for clock in rows.of(session, ticket.id, "first", "next", *PAUSING):
        span = getattr(targets, clock.kind)
        if span is not None and clock.stopped_at is None and rows.ends(session, clock) > hours.add(at, span):
            _begin_shorter(session, clock, rules, span, calendar)
    write_down(session, ticket)


def write_down(session: Session, ticket: Ticket) -> None:
    """The case itself tells until when its first answer and its solution are due."""
    for clock in rows.of(session, ticket.id, "first", "resolution"):
        if clock.stopped_at is None and clock.due_at is not None:
            setattr(ticket, WRITTEN_DOWN[clock.kind], clock.due_at)


def _begin_shorter(session: Session, clock: Clock, rules: Rules, span: timedelta, calendar: str) -> None:
    """With a shorter target from now on; one that rests rests on, and who waits has waited since when he did."""
    rests, since = clock.state == "paused", None if clock.kind in PAUSING else clock.started_at
    rows.start(session, clock, rules, span, calendar=calendar, since=since, anchor=now())
    if rests:
        rows.pause(session, clock)


def begin(session: Session, ticket: Ticket, kind: str, ends: datetime | timedelta, subject: int = 0) -> datetime:
    """Start a clock of its own (accept, department, promise, proposal), or start it anew: until then, or so long.

    When it is due, which is later than the span where that is working time.
    """
    rules = versions.current(session)
    calendar = targets_of(rules, ticket)[1] if kind in IN_WORKING_TIME else sla.ALWAYS
    clock = rows.found_or_made(session, ticket, kind, subject)
    rows.start(session, clock, rules, ends if isinstance(ends, timedelta) else ends - now(), calendar=calendar)
    return sla.mark(rows.run(session, clock), sla.BREACH)


def end(session: Session, ticket: Ticket, kind: str, subject: int = 0) -> None:
    """What it asked for was done; a clock that is not there, or over, stays as it is."""
    for clock in rows.of(session, ticket.id, kind):
        if clock.subject == subject:
            rows.stop(session, clock)


def _go_on(session: Session, ticket: Ticket) -> None:
    """What rested runs on; who had waited for an answer when we lost him waits for it again."""
    for clock in rows.of(session, ticket.id, *PAUSING, *ANSWERED):
        if clock.kind in ANSWERED and clock.state != "paused":
            continue
        rows.go_on(session, clock)
        if clock.kind in ("first", "next"):
            ticket.waiting_since = ticket.waiting_since or clock.started_at
        if clock.kind == "resolution" and clock.due_at is not None:
            ticket.resolution_due_at = clock.due_at


def _begin_untouched(session: Session, ticket: Ticket) -> None:
    for clock in rows.of(session, ticket.id, "untouched"):
        _begin_anew(session, clock, since=now())


def _begin_anew(session: Session, clock: Clock, since: datetime) -> None:
    """With its whole target, under the rules that it has."""
    span = timedelta(seconds=clock.target or 0)
    rows.start(session, clock, versions.of(session, clock.rules), span, calendar=clock.calendar, since=since)


def targets_of(rules: Rules, ticket: Ticket) -> tuple[Targets, str]:
    """What the rules ask for this case, and the calendar by which it is counted."""
    case = sla.Case(
        level=ticket.level,
        team=ticket.team,
        channel=ticket.conversation.account.channel,
        type=ticket.type or "",
        category=ticket.category,
        tier=ticket.contact.tier if ticket.contact else "",
    )
    targets = rules.targets(case)
    return targets, rules.calendar(targets, ticket.team)


def first_words(session: Session, ticket: Ticket) -> datetime:
    """When the customer first wrote in this episode: since then he waits, whoever spoke with him meanwhile."""
    these = {"conversation": ticket.conversation_id, "episode": ticket.episode}
    return session.scalar(_first_words(), these) or ticket.opened_at


@cache
def _first_words() -> Select[datetime]:
    """Asked for every new case, so it is built once."""
    return select(func.min(Message.occurred_at)).where(
        Message.conversation_id == bindparam("conversation"),
        Message.episode == bindparam("episode"),
        Message.author == "customer",
        Message.kind != VOTE,
    )
