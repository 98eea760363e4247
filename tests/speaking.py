"""For the stories of the outbox: having somebody say something, and looking at what became of it."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock, conversations, outbox
from bot.messages import Outbound, Speaker
from bot.models import Account, Conversation, OutboxRow
from bot.outbox import Claim
from bot.services import Services
from tests.builders import DESTINATION
from tests.fakes import FakeLine

Work = Callable[[], None]


def meets(current: Services, customer: str = "Uchen") -> int:
    """A conversation with a customer, who has not written yet."""
    with current.sessions.begin() as session:
        account = session.scalar(select(Account)) or Account(channel="line", external_id=DESTINATION)
        conversation = Conversation(account=account, source_kind="user", source_id=customer, state={})
        session.add(conversation)
        session.flush()
        return conversation.id


def says(current: Services, *texts: str, speaker: Speaker = "agent", name: str = "王志豪", to: int = 1) -> None:
    """Somebody on our side writes to the customer; nothing is sent yet."""
    with current.sessions.begin() as session:
        outbounds = [Outbound(text) for text in texts]
        conversations.say(session, _conversation(session, to), *outbounds, speaker=speaker, sender_name=name)


def has_a_free_reply(current: Services, token: str = "a token", to: int = 1, seconds: float = 50) -> None:
    """The customer wrote just now."""
    with current.sessions.begin() as session:
        conversation = _conversation(session, to)
        conversation.reply_token, conversation.reply_until = token, clock.after(seconds)


def a_call_begins(current: Services, conversation: int = 1) -> Claim:
    """A worker takes the next call, and is held up before it makes it."""
    with current.sessions.begin() as session:
        claim = outbox.claim(session, current, _conversation(session, conversation))
    assert claim is not None
    return claim


def under_way(claim: Claim) -> Claim:
    """The call of a worker that was held up after it began."""
    return replace(claim, begin_by=clock.now())


def _conversation(session: Session, conversation_id: int) -> Conversation:
    return conversations.locked(session, conversation_id)


def states(current: Services) -> list[str]:
    with current.sessions() as session:
        return list(session.scalars(select(OutboxRow.state).order_by(OutboxRow.id)))


def calls(line: FakeLine) -> list[tuple[str, int]]:
    """Each call that LINE saw: how, and with how many messages."""
    return [(call.path.rsplit("/", 1)[1], len(call.texts)) for call in line.sends()]
