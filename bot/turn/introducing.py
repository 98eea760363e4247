"""What a bot owes on platforms that ask for it: to say that it is one, and a way to a person under whatever it says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import manners
from bot.clock import now
from bot.dialogue import PERSON, Replies
from bot.manners import Manners
from bot.messages import Outbound
from bot.models import Conversation
from bot.services import Services

INTRODUCED = "introduced"  # in which episode the bot said what it is, and when
FORGOTTEN = timedelta(days=30)


def introduction(current: Services, conversation: Conversation, own: Manners, words: Replies) -> list[Outbound]:
    """What the bot says of itself: at the start, after a person had the conversation, and after a long pause."""
    if not own.discloses or _knows(conversation):
        return []
    conversation.state = {**conversation.state, INTRODUCED: [conversation.episode, now().isoformat()]}
    return [words.say("automated", shop=current.settings.shop_name, person=words.button(PERSON).text)]


def with_way_out(said: Sequence[Outbound], own: Manners, words: Replies) -> list[Outbound]:
    """The same, with a person one tap away."""
    person = words.button(PERSON)
    if not said or not own.offers_person or person in said[-1].buttons:
        return list(said)
    return [*said[:-1], replace(said[-1], buttons=(*said[-1].buttons, person))]


def left_open(said: Outbound, conversation: Conversation, words: Replies) -> Outbound:
    """The same with that way, where the bot has the conversation: under the desk's own sentences too."""
    own = manners.of(conversation.account.channel)
    return with_way_out([said], own, words)[0] if conversation.owner == "bot" else said


def _knows(conversation: Conversation) -> bool:
    episode, at = conversation.state.get(INTRODUCED) or (0, "")
    return episode == conversation.episode and now() - datetime.fromisoformat(at) < FORGOTTEN
