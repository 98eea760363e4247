"""An agent's reply: sent once however often it is clicked, and never over a message that was not read."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from bot import conversations, manners, services
from bot.clock import now
from bot.errors import Refused
from bot.messages import Outbound
from bot.models import Attachment, Conversation, Message, User
from handoff import assignment, clocks
from handoff.models import ReplyKey, Ticket
from handoff.tickets import attachments, members, proposals, records, speaking, transitions
from handoff.tickets.actions import filled_in

KEY_LENGTH = 36
Speech = Callable[[Ticket, User], Message]  # says something to the customer of a case; its last message


def reply(
    session: Session,
    ticket_id: int,
    user_id: int,
    text: str,
    key: str,
    seen_message_id: int,
    files: Sequence[int] = (),
) -> Message:
    """Send `text` to the customer where he writes, and the files that were uploaded for it; the last message."""

    def chat(ticket: Ticket, user: User) -> Message:
        where = speaking.place(session, ticket)
        return _said(session, where, user, text, attachments.enclosed(session, user.id, files))

    return answer(session, ticket_id, user_id, key, seen_message_id, chat)


def answer(
    session: Session,
    ticket_id: int,
    user_id: int,
    key: str,
    seen_message_id: int | None,
    speech: Speech,
    **told: object,
) -> Message:
    """Answer the customer of a case; the last message is returned. The journal is `told` how.

    `key` names this click: a repeat returns what was sent the first time. `seen_message_id` is the last
    message on the agent's screen; Stale when the customer wrote since, or a colleague answered. None: nobody looks at
    a screen, the system says what it did.
    """
    ticket, user = members.take(session, "reply", ticket_id, user_id)
    known = session.get(ReplyKey, key)
    if known is not None:
        return _repeated(session, known, ticket)
    _permit(session, ticket, user)
    if seen_message_id is not None:
        records.require_seen(session, ticket, seen_message_id)
        records.require_alone(session, ticket, user_id, seen_message_id)
    message = speech(ticket, user)
    session.flush()  # its id is needed
    conversations.deliver_soon(session, message.conversation_id)
    _remember(session, key, ticket, message)
    answered(session, ticket, "reply")
    records.move(session, ticket, "reply", "ticket.replied", user_id=user.id, message_id=message.id, **told)
    return message


def say(session: Session, where: Conversation, user: User, parts: Sequence[Outbound]) -> list[Message]:
    """In the agent's own name; Refused where it holds what only colleagues may read."""
    if services.current().wiring.withheld.within(session, [part.text for part in parts]):
        raise Refused("裡面有僅供內部的文字，改寫後再送。")
    return conversations.say(session, where, *parts, speaker="agent", user_id=user.id, sender_name=user.name)


def _said(session: Session, where: Conversation, user: User, text: str, files: Sequence[Attachment]) -> Message:
    """First the words, then the files; words may be left out where there are files."""
    words = filled_in(text) if text.strip() or not files else ""
    settings, channel = services.current().settings, where.account.channel
    parts = [Outbound(part) for part in manners.of(channel).parts(words)]
    parts += [attachments.outbound(settings, channel, file) for file in files]
    said = say(session, where, user, parts)
    attachments.bind(files, said[len(said) - len(files) :])
    return said[-1]


def _permit(session: Session, ticket: Ticket, user: User) -> None:
    """Whoever has the case, and accepts it by answering; those who lead the desk; whoever was given the floor."""
    if ticket.assignee_id == user.id:
        assignment.accepted(session, ticket)
    transitions.permit("reply", ticket)
    members.permit_speaker(session, ticket, user)


def _repeated(session: Session, known: ReplyKey, ticket: Ticket) -> Message:
    if known.ticket_id != ticket.id:
        raise Refused("這則回覆屬於另一件案件。")
    return session.get_one(Message, known.message_id)


def _remember(session: Session, key: str, ticket: Ticket, message: Message) -> None:
    if not 0 < len(key) <= KEY_LENGTH:
        raise Refused("回覆的識別碼要在 1 到 %(limit)d 個字之間。", limit=KEY_LENGTH)
    session.add(ReplyKey(key=key, ticket_id=ticket.id, message_id=message.id))


def answered(session: Session, ticket: Ticket, action: str) -> None:
    """Now the customer is the one whom we wait for, unless a department is."""
    proposals.withdraw(session, ticket)
    ticket.waiting_since = None
    ticket.first_response_at = ticket.first_response_at or now()
    clocks.answered(session, ticket)
    if transitions.permit(action, ticket) == "waiting":
        clocks.waits(session, ticket)
    assignment.drain_after_commit(session)  # her hands are free while the customer thinks
