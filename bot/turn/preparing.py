"""What the bot prepares for a customer who proved who he is, and only people let out.

Of an order it is prepared without such a proof: whose the order is is looked at before anything is changed.
"""

from dataclasses import replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.dialogue import titles
from bot.models import VOTE, Conversation, Message
from bot.nlu.policy import load
from bot.orders import proofs
from bot.orders.numbers import key
from bot.orders.wishes import wished
from bot.ports import CaseRef, OrderChange, Proposal
from bot.services import Services
from bot.turn import answering
from bot.turn.intakes import NO_WISH, Asking

CANCELS = "cancel_order"
LATEST = 20  # messages; what was told before them is told again
DIGITS, LATER = "訂單編號和訂購電話末三碼相符", "執行前由系統核對訂單是不是這位顧客的"


def prepare(
    session: Session, current: Services, conversation: Conversation, asking: Asking, case: CaseRef, proof: str
) -> None:
    """Put it on the case; nothing where something is missing, or nothing is published: a person writes it then."""
    kind = asking.form.prepares
    if kind == "order":
        made = _of_order(session, conversation, asking, case)
    elif kind and proof and not asking.lacking(asking.words):
        made = _of_form(session, current, conversation, asking, case, kind, proof)
    else:
        made = None
    if made is not None:
        current.wiring.desk.propose(session, made)


def _of_form(
    session: Session,
    current: Services,
    conversation: Conversation,
    asking: Asking,
    case: CaseRef,
    kind: Literal["answer", "change"],
    proof: str,
) -> Proposal | None:
    text = _words(session, current, conversation, asking, kind, case)
    return Proposal(case.ticket_id, kind, text, _changes(asking, kind), proof, _approvals(asking)) if text else None


def _of_order(session: Session, conversation: Conversation, asking: Asking, case: CaseRef) -> Proposal | None:
    """A change of the order that he named, if it is clear which; else a person reads what he wants."""
    number = str(asking.facts.get("order_number", ""))
    change = _change(session, conversation, asking, number)
    if change is None:
        return None
    text = asking.words.prepared[f"order.{change.kind}"].format(order_number=number, value=change.value)
    proof = DIGITS if key(number) in proofs.proved(session, [conversation.id]) else LATER
    return Proposal(case.ticket_id, "change", text, dict(asking.facts), proof, _approvals(asking), change)


def _change(session: Session, conversation: Conversation, asking: Asking, number: str) -> OrderChange | None:
    if not number:
        return None
    if asking.row.basis["intent"] == CANCELS:
        return OrderChange(number, "cancel", str(asking.facts.get("reason", "")))
    found = wished(_said(session, conversation, asking))
    return OrderChange(number, *found) if found else None


def _said(session: Session, conversation: Conversation, asking: Asking) -> str:
    """His whole words since he told what he wants: the form keeps a part of them, and they may mean something else."""
    wanted = str(asking.facts.get("change_wanted", ""))
    his = select(Message.text).where(
        Message.conversation_id == conversation.id,
        Message.author == "customer",
        Message.kind != VOTE,
        Message.unsent_at.is_(None),
        Message.id.not_in(asking.row.basis.get(NO_WISH, [])),
    )
    since: list[str] = []
    for text in session.scalars(his.order_by(Message.id.desc()).limit(LATEST)):
        since.insert(0, text)
        if wanted in text:
            return "\n".join(since)
    return ""


def _approvals(asking: Asking) -> int:
    return load()[0].of(asking.row.basis["intent"]).approvals


def _words(
    session: Session,
    current: Services,
    conversation: Conversation,
    asking: Asking,
    kind: Literal["answer", "change"],
    case: CaseRef,
) -> str:
    intent, language = asking.row.basis["intent"], asking.row.language
    if kind == "change":
        return asking.words.prepared[asking.row.form].format(title=titles(language)[intent], **asking.facts)
    said = str(asking.row.basis.get("text", ""))
    asked = answering.query(session, current, conversation, said, intent, language=language, seed=asking.row.id)
    answer = current.wiring.answers.find(session, replace(asked, case=lambda: case.number))
    return answer.message.text if answer else ""


def _changes(asking: Asking, kind: str) -> dict[str, str]:
    return {name: str(value) for name, value in asking.facts.items()} if kind == "change" else {}
