"""The customer's name, asked of the platform once a day at most."""

from datetime import timedelta

from bot import db, outbox, people
from bot.clock import now
from bot.models import Conversation
from bot.services import Services

FRESH = timedelta(days=1)


def fetch_if_new(current: Services, conversation_id: int) -> None:
    """Ask for the name and language of a person whom we do not know yet; no transaction is open meanwhile."""
    with db.reading(current.sessions) as session:
        conversation = session.get_one(Conversation, conversation_id)
        person = people.identity(session, conversation)
        if person is None or (person.profile_at and now() - person.profile_at < FRESH):
            return
        channel, recipient = current.wiring.channels[conversation.account.channel], outbox.recipient(conversation)
    profile = channel.profile(recipient)
    with current.sessions.begin() as session:
        person = people.identity(session, session.get_one(Conversation, conversation_id))
        if person is not None:
            people.remember_profile(session, person, profile)
