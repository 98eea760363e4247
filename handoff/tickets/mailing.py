"""A letter to the customer about his case, where he can't be reached by chat or a letter serves better.

It goes to an address that he proved to be his, and no other; through the outbox, as every message does.
"""

from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, people, services
from bot.dialogue import DEFAULT_LANGUAGE
from bot.errors import Refused
from bot.messages import Outbound
from bot.models import Conversation, Message, User
from handoff.models import ContactKey, Ticket
from handoff.tickets import persons, phrases, records, replies, speaking
from handoff.tickets.actions import filled_in

CHANNEL = "email"
LONGEST = 80  # characters of an address, as conversations keep it
SPOKEN = {"line": "LINE", "messenger": "Messenger", "instagram": "Instagram"}


def mail(session: Session, ticket_id: int, user_id: int, to: str, text: str, key: str, seen_message_id: int) -> Message:
    """Write `text` to one of the customer's addresses; else as `replies.answer`."""

    def letter(ticket: Ticket, user: User) -> Message:
        where = _mailbox(session, ticket, to)
        return replies.say(session, where, user, [_letter(session, ticket, user, where, filled_in(text))])[-1]

    return replies.answer(session, ticket_id, user_id, key, seen_message_id, letter, way=CHANNEL)


def addresses(session: Session, ticket: Ticket) -> list[ContactKey]:
    """Where letters to the customer of this case may go; nowhere while the shop has no mail server."""
    if ticket.contact_id is None or not services.current().settings.smtp_url:
        return []
    proved = persons.proved(session, persons.selves(session, ticket.contact_id))
    return [key for key in proved if key.kind == CHANNEL and len(key.value) <= LONGEST]


def _mailbox(session: Session, ticket: Ticket, to: str) -> Conversation:
    """The conversation that the letters to this address are, joined to the case and locked."""
    if to not in [key.value for key in addresses(session, ticket)]:
        raise Refused("只能寄到顧客確認過的信箱。")
    account = people.account_id(session, CHANNEL, parseaddr(services.current().settings.mail_from)[1][:LONGEST])
    known = conversations.conversation_id(session, account, "user", to, ticket.contact_id)
    where = conversations.locked(session, known)
    if where.contact_id != ticket.contact_id:
        raise Refused("這個信箱也是另一位顧客確認過的：先看是不是同一位並合併，再寄。")
    records.join(session, ticket, where.id)
    return where


def _letter(session: Session, ticket: Ticket, user: User, where: Conversation, text: str) -> Outbound:
    shop, language = services.current().settings.shop_name, DEFAULT_LANGUAGE
    if ticket.contact is not None:
        language = ticket.contact.language
    told = {"shop": shop, "number": ticket.number, "agent": user.name}
    subject = phrases.text("letter_subject", language, **told)
    body = phrases.text("letter", language, text=text, way=_way_back(ticket, language), **told)
    return Outbound(body, subject=subject, follows=_last(session, where, subject))


def _way_back(ticket: Ticket, language: str) -> str:
    """How the customer reaches us, since nobody reads what he answers to a letter."""
    channel, second = ticket.conversation.account.channel, services.current().settings.second_contact
    if channel not in speaking.SILENT:
        return phrases.text("letter_chat", language, channel=SPOKEN.get(channel, channel))
    return phrases.text("letter_second" if second else "letter_other", language, second=second)


def _last(session: Session, where: Conversation, subject: str) -> str:
    """The key of the last letter that went out about this, if one did."""
    sent = select(Message.external_id).where(
        Message.conversation_id == where.id,
        Message.external_id.is_not(None),
        Message.payload["subject"].as_string() == subject,
    )
    return session.scalar(sent.order_by(Message.id.desc()).limit(1)) or ""
