"""Customers who left in the middle of a form: after a pause a person gets what was told, and they are told so."""

from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Select, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import conversations, db, inbox
from bot.clock import after, now
from bot.dialogue import titles
from bot.messages import Outbound
from bot.models import Conversation, Intake
from bot.nlu import forms as shipped
from bot.services import Services
from bot.transactions import transact
from bot.turn import completing, handing_over, intakes, saying

BATCH = 50
AT_WORK = 10.0  # seconds for a turn that may hold the answer
PAUSED, UNREADABLE = "paused", "unreadable"

log = structlog.get_logger()


def look(current: Services) -> None:
    """Hand over the forms that are due, each in a transaction of its own."""
    with db.reading(current.sessions) as session:
        due = session.scalars(_due(now()).order_by(Intake.due_at).limit(BATCH)).all()
    for number in due:
        try:
            transact(current.sessions, partial(_over, current=current, number=number))
        except DBAPIError:
            raise  # no other could be handed over now either
        except Exception:  # nobody is forgotten in a form, whatever is wrong with it
            log.exception("intake.not_handed_over", intake_id=number)
            transact(current.sessions, partial(_to_somebody, current=current, number=number))


def pull_in(session: Session) -> None:
    """Make due now what waits for longer than any form gives: the clock was set back."""
    longest = after(60.0 * shipped.forms().pause_minutes + AT_WORK)
    strayed = update(Intake).where(Intake.state == "asking", Intake.due_at > longest)
    session.execute(strayed.values(due_at=now()))


def _due(at: datetime) -> Select[int]:
    return select(Intake.id).where(Intake.state == "asking", Intake.due_at <= at)


def _over(session: Session, current: Services, number: int) -> None:
    """Under the lock, if it is still so."""
    conversation, row = _held(session, number)
    if row.state != "asking" or row.due_at > now():
        return
    if conversation.owner == "human" or conversation.standby or conversation.episode != row.episode:
        intakes.end(session, conversation, row, "overtaken", PAUSED)
    elif inbox.due(session, [conversation.id]):
        row.due_at = after(AT_WORK)
    elif (asking := intakes.of(session, conversation)) is None:
        _to_somebody(session, current, number)
    else:
        _hand_over(session, current, conversation, asking)


def _hand_over(session: Session, current: Services, conversation: Conversation, asking: intakes.Asking) -> None:
    case = completing.collected(session, current, conversation, asking, PAUSED, None)
    intakes.end(session, conversation, asking.row, "handed_over", PAUSED)
    lacks = asking.lacking(asking.words) or [asking.words.says.prove_title]
    title, needs = titles(asking.row.language)[asking.row.basis["intent"]], "、".join(lacks)
    text = asking.words.says.paused.format(title=title, needs=needs, promise=case.promise)
    saying.say(session, current, conversation, [], Outbound(text), speaker="system")
    conversations.deliver_soon(session, conversation.id)


def _to_somebody(session: Session, current: Services, number: int) -> None:
    """A form that cannot be read any more: a person looks at the conversation, and the customer hears so."""
    conversation, row = _held(session, number)
    intakes.end(session, conversation, row, "handed_over", UNREADABLE)
    handing_over.trouble(session, current, conversation)
    conversations.deliver_soon(session, conversation.id)


def _held(session: Session, number: int) -> tuple[Conversation, Intake]:
    """A form and its conversation as they are now, locked."""
    row = session.get_one(Intake, number)
    conversation = conversations.locked(session, row.conversation_id)
    session.refresh(row)
    return conversation, row
