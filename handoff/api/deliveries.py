"""Our messages that did not surely arrive: which they are, and what a person decides about one."""

from collections.abc import Callable, Sequence

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import allow, answers, caller, once, spec
from bot.models import Message, OutboxRow
from handoff import tickets
from handoff.api.doing import fresh
from handoff.api.routes import blueprint, found, listed, reading
from handoff.api.shapes.talk import SHOWN, UNSURE, Messages, Said, UndeliveredQuery

ONE = "/messages/<int(max=2147483647):message_id>"


@blueprint.get("/undelivered")
@allow("desk.lead", "undelivered:read")
@spec.validate(resp=answers(HTTP_200=Messages), tags=("undelivered",))
def list_undelivered(query: UndeliveredQuery) -> Messages:
    """Messages that wait for a person's decision: given up (failed), or perhaps arrived (unknown)."""
    wanted = select(Message).join(Message.outbox).options(*SHOWN)
    wanted = wanted.where(OutboxRow.state.in_([query.delivery] if query.delivery else UNSURE))
    with reading() as session:
        return listed(session, Messages, query, wanted, Message.id, Said.of)


@blueprint.post(f"{ONE}/resend")
@allow("desk.work", "undelivered:write")
@spec.validate(resp=answers(HTTP_200=Said), tags=("undelivered",))
def resend(message_id: int) -> Response:
    """Send it once more."""
    return _decide(message_id, tickets.resend)


@blueprint.post(f"{ONE}/settle")
@allow("desk.work", "undelivered:write")
@spec.validate(resp=answers(HTTP_200=Said), tags=("undelivered",))
def settle(message_id: int) -> Response:
    """It did arrive, as somebody saw."""
    return _decide(message_id, tickets.settle)


@blueprint.post(f"{ONE}/let-go")
@allow("desk.work", "undelivered:write")
@spec.validate(resp=answers(HTTP_200=Said), tags=("undelivered",))
def let_go(message_id: int) -> Response:
    """It shall not be sent any more."""
    return _decide(message_id, tickets.let_go)


def _decide(message_id: int, decision: Callable[[Session, Sequence[int], int], int]) -> Response:
    me = caller().user_id

    def work(session: Session) -> Said:
        row = found(session.scalar(select(OutboxRow).where(OutboxRow.message_id == message_id)))
        decision(session, [row.id], me)
        fresh(session, row)
        return Said.of(fresh(session, row.message))

    return once(work)
