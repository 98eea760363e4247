"""What the customer tapped, in menus, on cards and on buttons, stands on his case: before it was opened, and after.

A platform tells most taps as messages like any other: one is known by the words of a button that we showed before, of
a menu's part, or of an intent. A part of a menu that brings data alone stands by what content staff wrote on it.
"""

from collections.abc import Container, Mapping, Set
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import dialogue, services
from bot.messages import Outbound
from bot.models import VOTE, Conversation, Message
from handoff.models import Ticket

MOST = 100
LOOKED_AT = 100  # messages of an episode
SHOWN = 20  # messages of ours, whose buttons are still in sight


def before(session: Session, conversation: Conversation) -> list[str]:
    """What he tapped in this episode until now, oldest first."""
    these = {"conversation": conversation.id, "episode": conversation.episode}
    said = session.execute(_said(), these).all()
    if not said:
        return []
    shown, taps = set(_on_menus(session, conversation)), []
    for author, kind, text, payload in reversed(said):
        if author != "customer":
            shown |= _on_buttons(payload)
        elif tap := _tap(kind, text, payload, shown):
            taps.append(tap)
    return taps


def keep(session: Session, ticket: Ticket, message: Message) -> None:
    """Put a message on the case's taps, if it is one."""
    if message.kind not in ("text", "postback"):
        return
    said = message.kind, message.text, message.payload
    home = session.get_one(Conversation, message.conversation_id)
    if tap := _tap(*said, _in_sight(session, message)) or _tap(*said, _on_menus(session, home)):
        ticket.taps = [*ticket.taps, tap][-MOST:]


@cache
def _said() -> Select[str, str, str, dict[str, Any]]:
    """Asked for every new case, so it is built once."""
    said = select(Message.author, Message.kind, Message.text, Message.payload).where(
        Message.conversation_id == bindparam("conversation"), Message.episode == bindparam("episode")
    )
    return said.order_by(Message.id.desc()).limit(LOOKED_AT)


def _in_sight(session: Session, message: Message) -> Set[str]:
    """What the customer could tap in our messages when he wrote this."""
    if message.kind == "postback":
        return frozenset()
    ours = Message.conversation_id == message.conversation_id, Message.author != "customer", Message.id < message.id
    last = select(Message.payload).where(*ours).order_by(Message.id.desc()).limit(SHOWN)
    return set[str]().union(*map(_on_buttons, session.scalars(last)))


def _on_menus(session: Session, conversation: Conversation) -> Mapping[str, str]:
    return services.current().wiring.labels.of(session, conversation.account_id)


def _on_buttons(payload: Mapping[str, Any]) -> set[str]:
    """What the buttons of a message of ours say, those of its card included."""
    if not payload.get("buttons") and not payload.get("card"):
        return set()
    return {button.text for button in Outbound.from_json(dict(payload)).plain.buttons}


def _tap(kind: str, text: str, payload: Mapping[str, Any], shown: Container[str]) -> str:
    """What stands on what he tapped, as far as that is known; nothing where he typed."""
    if kind in ("postback", VOTE):
        return text or str(payload.get("label") or payload.get("data") or "")
    return text if kind == "text" and (text in shown or dialogue.tapped(text)) else ""
