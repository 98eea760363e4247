"""A colleague takes a conversation over from the bot, before the customer has asked for a person."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from bot import conversations
from bot.errors import Refused
from bot.matrix import UNKNOWN
from bot.models import Conversation, JournalEntry, Message, User
from bot.nlu.policy import load
from bot.ports import Handoff
from bot.turn import intakes
from handoff.models import Ticket
from handoff.tickets import grading, opening, phrases, records, transitions

REASON = "同事從機器人手上接過來"


def take_over(session: Session, conversation_id: int, user_id: int, zone: ZoneInfo) -> Ticket:
    """A case with all that is known, in her hands at once; the customer hears its number, and the bot no more."""
    user = transitions.permit_staff(session.get(User, user_id))
    conversation = conversations.locked(session, conversation_id)
    other = records.open_ticket(session, conversation.id)
    if other is not None:
        raise Refused("這位顧客有另一件處理中的案件（%(number)s）。", number=other.number)
    if conversation.source_kind != "user":
        raise Refused("群組裡的對話不能開案件，請和那位顧客單獨聊。")
    conversation.owner = "human"
    ref = opening.new(session, conversation, known(session, conversation, REASON, "taken_over"), zone)
    ticket = session.get_one(Ticket, ref.ticket_id)
    ticket.assignee_id = user.id
    records.move(session, ticket, "claim", "ticket.claimed", user_id=user.id)
    phrases.say(session, conversation, "taken_over", phrases.NUMBER, number=ticket.number)
    conversations.deliver_soon(session, conversation.id)
    return ticket


def known(session: Session, conversation: Conversation, reason: str, route: str) -> Handoff:
    """A case with what the bot made of the customer's last words, if it did: what it is about, and how urgent."""
    policy, decided = load()[0], _decided(session, conversation)
    intent = next((name for name, _ in decided.get("requests", ())), "")
    category = policy.intents[intent].category if intent in policy.intents else UNKNOWN
    level = min(decided.get("level", "L3"), grading.demanded(policy, category))
    return Handoff(
        conversation_id=conversation.id,
        reason=reason,
        reasons=(reason, *decided.get("reasons", ())),
        intent=intent,
        category=category,
        level=level,
        priority=grading.BY_LEVEL[level],
        team=policy.intents[intent].team if intent in policy.intents else policy.front_line,
        route=route,
        summary=conversations.words_of(session, conversation),
        facts=intakes.facts(session, conversation),
        risk=decided.get("risk", ""),
        language=opening.language(conversation),
    )


def _decided(session: Session, conversation: Conversation) -> dict[str, Any]:
    """Of what the customer writes about now: what was solved before says nothing of it."""
    of_now = (Message.id == JournalEntry.message_id, Message.episode == conversation.episode)
    of_it = (JournalEntry.conversation_id == conversation.id, JournalEntry.kind == "turn.decided")
    newest = select(JournalEntry.data).join(Message, and_(*of_now)).where(*of_it)
    found: dict[str, Any] | None = session.scalar(newest.order_by(JournalEntry.id.desc()).limit(1))
    return found or {}
