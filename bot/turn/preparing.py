"""What the bot prepares for a customer who proved who he is, and only people let out."""

from typing import Literal

from sqlalchemy.orm import Session

from bot.dialogue import titles
from bot.models import Conversation
from bot.nlu.policy import load
from bot.ports import CaseRef, Proposal, Query
from bot.services import Services
from bot.turn.intakes import Asking


def prepare(
    session: Session, current: Services, conversation: Conversation, asking: Asking, case: CaseRef, proof: str
) -> None:
    """Put it on the case; nothing where something is missing, or nothing is published: a person writes it then."""
    kind = asking.form.prepares
    if not kind or not proof or asking.lacking(asking.words):
        return
    text = _words(session, current, conversation, asking, kind)
    if text:
        approvals = load()[0].of(asking.row.basis["intent"]).approvals
        made = Proposal(case.ticket_id, kind, text, _changes(asking, kind), proof, approvals)
        current.wiring.desk.propose(session, made)


def _words(
    session: Session, current: Services, conversation: Conversation, asking: Asking, kind: Literal["answer", "change"]
) -> str:
    intent, language = asking.row.basis["intent"], asking.row.language
    if kind == "change":
        return asking.words.prepared[asking.row.form].format(title=titles(language)[intent], **asking.facts)
    name = conversation.contact.name if conversation.contact else ""
    asked = Query(str(asking.row.basis.get("text", "")), intent, name=name, language=language, seed=asking.row.id)
    answer = current.wiring.answers.find(session, asked)
    return answer.message.text if answer else ""


def _changes(asking: Asking, kind: str) -> dict[str, str]:
    return {name: str(value) for name, value in asking.facts.items()} if kind == "change" else {}
