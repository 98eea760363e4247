"""What the desk itself says to customers, in their language, and what a tap on one of its buttons means."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from bot import conversations, services
from bot.dialogue import DEFAULT_LANGUAGE, replies
from bot.messages import Button, Outbound
from bot.models import Conversation, Message
from bot.turn import introducing

PHRASES = Path(__file__).with_name("phrases.yml")
SOLVED = ("solved_yes", "solved_no")
NUMBER = ("number",)
SATISFACTION = ("satisfied", "neutral", "dissatisfied")


@cache
def _phrases() -> Mapping[str, Mapping[str, str]]:
    known: Mapping[str, Mapping[str, str]] = yaml.safe_load(PHRASES.read_text("utf-8"))
    return known


@cache
def _on_buttons() -> Mapping[str, str]:
    return {words[key]: key for words in _phrases().values() for key in (*SOLVED, *SATISFACTION)}


def tapped(text: str, number: str) -> str:
    """The button on which these very words stand, or nothing; how satisfied one is may name the case, the rest not."""
    key = _on_buttons().get(text.replace(number, "").strip(), "")
    return key if key in SATISFACTION or not number else ""


def text(key: str, language: str, **facts: str) -> str:
    """A phrase in a language; in Traditional Chinese where we have none of our own."""
    return _phrases().get(language, _phrases()[DEFAULT_LANGUAGE])[key].format(**facts)


def say(session: Session, conversation: Conversation, key: str, buttons: tuple[str, ...] = (), **facts: str) -> Message:
    """Say it to the customer, with these buttons under it: phrases, or facts, such as the number of a case."""
    language = conversation.contact.language if conversation.contact else DEFAULT_LANGUAGE
    words = _phrases().get(language, _phrases()[DEFAULT_LANGUAGE])
    labels = [words.get(name) or facts[name] for name in buttons]
    naming = f" {facts['number']}" if buttons == SATISFACTION else ""  # whatever case begins before he taps
    outbound = Outbound(words[key].format(**facts), tuple(Button(label, f"{label}{naming}") for label in labels))
    outbound = introducing.left_open(outbound, conversation, replies(language))
    sender = f"{services.current().settings.shop_name}機器人"
    message = conversations.say(session, conversation, outbound, speaker="system", sender_name=sender)[-1]
    session.flush()
    return message
