"""What the bot says by itself: a published answer, a question back, a word on what has none."""

from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from bot.clock import now
from bot.dialogue import DEFAULT_LANGUAGE, LABEL_LIMIT, PERSON, choices, replies
from bot.matrix import QUIET, UNKNOWN
from bot.messages import Button, Outbound
from bot.models import Conversation, Message
from bot.nlu.verdict import Judgement, Request
from bot.ports import Answer, Query
from bot.services import Services
from bot.turn import remembering, saying

QUOTED = 30  # characters of the customer's words that we repeat when we ask about them


def find(
    session: Session, current: Services, conversation: Conversation, message: Message, one: Request
) -> Answer | None:
    """The published answer to what may be answered; who takes part in a campaign is thanked in any case.

    What is surely not our business is declined in published words where there are some.
    """
    if one.decision.route != "auto" and one.decision.rule != UNKNOWN:
        return None
    seen = one.understanding
    about = (seen.text, one.decision.intent)
    asked = query(session, current, conversation, *about, language=seen.language, seed=message.id)
    answer = current.wiring.answers.find(session, asked)
    if answer is None and one.decision.traffic in QUIET:
        return Answer(replies(seen.language).say("campaign"), source="", version=0)
    return answer


def query(
    session: Session,
    current: Services,
    conversation: Conversation,
    text: str,
    intent: str,
    *,
    language: str = DEFAULT_LANGUAGE,
    seed: int = 0,
) -> Query:
    """What is asked, and by whom: his tier chooses among articles; his name, what he told, and his case stand in them.

    In company nobody reads any of that.
    """
    who = conversation.contact
    if who is None or conversation.source_kind != "user":
        return Query(text, intent, language=language, seed=seed)
    case = partial(current.wiring.desk.case_number, session, conversation.id)
    about = Query(text, intent, name=who.name, tier=who.tier, facts=_told(conversation), case=case)
    return replace(about, language=language, seed=seed)


def _told(conversation: Conversation) -> dict[str, str]:
    """What the customer told us, as answers call it."""
    told = remembering.facts(conversation, now())
    return {"order": str(told["order_number"])} if told.get("order_number") else {}


def question(conversation: Conversation, message: Message, judged: Judgement, one: Request) -> Outbound:
    """At most three guesses and a person; nonsense gets no guesses. What is tapped will label the message."""
    language = judged.whole.understanding.language
    offered = choices(one.decision.candidates, language)
    remembering.unclear(conversation, message.id, offered)
    buttons = [Button(words[:LABEL_LIMIT], words) for words in offered]
    key = "refuse" if not one.decision.candidates else "clarify" if len(judged.requests) == 1 else "clarify_rest"
    return replies(language).say(key, buttons, asked=one.text[:QUOTED])


def wordless(session: Session, current: Services, conversation: Conversation, message: Message) -> None:
    """A follow is welcomed; a picture or sticker is acknowledged, with a person one tap away."""
    person = saying.language(conversation).button(PERSON)
    if message.kind == "follow":
        said = _greeting(session, current, conversation, message)
    else:
        said = saying.language(conversation).say("media")
    buttons = (*said.buttons, *(() if person in said.buttons else (person,)))
    saying.say(session, current, conversation, [], replace(said, buttons=buttons))


def _greeting(session: Session, current: Services, conversation: Conversation, message: Message) -> Outbound:
    """In the words of content staff, who write them in the language of the house; in others we have our own."""
    name = conversation.contact.name if conversation.contact else ""
    if saying.spoken(conversation) == DEFAULT_LANGUAGE:
        again = bool(message.payload.get("unblocked"))
        if said := current.wiring.templates.greeting(session, name, again=again):
            return said
    facts = {"name": f"{name}，" if name else "", "shop": current.settings.shop_name}
    return saying.language(conversation).say("welcome", (), **facts)
