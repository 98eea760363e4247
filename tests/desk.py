"""People and conversations for stories of the desk."""

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot import conversations, db, people, services
from bot.channels.email import Email
from bot.channels.line import Line
from bot.channels.line.audiences import LineAudiences
from bot.channels.line.menus import LineMenus
from bot.clock import now
from bot.messages import Outbound
from bot.models import Conversation, Event, JournalEntry, Message, OutboxRow, User
from bot.nlu import shipped
from bot.nlu.understanding import by_rules_alone
from bot.orders.sql import SqlOrders
from bot.ports import Handoff, Understanding, Wiring
from bot.settings import Settings
from faq.articles import WithheldTexts
from faq.knowledge import PublishedKnowledge
from faq.menus.labels import MenuLabels
from faq.replies import ReplyTemplates
from handoff import presence, tickets
from handoff.assignment import teams
from handoff.marketing import Register
from handoff.models import Presence
from handoff.tickets import Desk
from tests import databases

AFTERNOON = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # 14:00 in Taipei


@contextlib.contextmanager
def shop(path: Path, postgres: str | None, **choices: Any) -> Iterator[services.Services]:
    """A migrated shop of its own, installed as this process's; no queue is running."""
    with databases.empty(path, postgres) as url:
        settings = Settings(frontline_data=path, database_url=url, **choices)
        current = services.install(services.build(settings, _desk_only))
        yield current
        current.engine.dispose()


def _desk_only(settings: Settings, sessions: db.Sessions) -> Wiring:
    return Wiring(
        nlu=Phrases(),
        answers=None,
        templates=ReplyTemplates(),
        knowledge=PublishedKnowledge(),
        withheld=WithheldTexts(),
        desk=Desk(settings),
        orders=SqlOrders(sessions),
        campaigns=Register(sessions),
        audiences=LineAudiences(lambda _: line_at(settings.line_api_base)),
        menus=LineMenus(lambda _: line_at(settings.line_api_base)),
        labels=MenuLabels(),
        channels={"email": Email(settings.smtp_url, settings.mail_from, settings.shop_name)},
    )


class Phrases:
    """Understanding without an engine: phrases, and the words of danger."""

    name = "phrases"

    def ready(self) -> bool:
        return True

    def trouble(self) -> str:
        return ""

    def parse(self, texts: Sequence[str]) -> list[Understanding]:
        return [by_rules_alone(text, shipped.phrases()) for text in texts]


def line_at(api_base: str) -> Line:
    """LINE as this shop speaks to it."""
    return Line(("a secret",), "a token", api_base)


def customer(session: Session, name: str = "陳怡君") -> Conversation:
    """Somebody who has a conversation with us."""
    user = f"U{uuid.uuid4().hex}"
    account = people.account_id(session, "line", "U" + "0f" * 16)
    contact = people.contact_id(session, account, user)
    conversation = session.get_one(Conversation, conversations.conversation_id(session, account, "user", user, contact))
    conversation.contact.name = name
    session.flush()
    return conversation


def writes(session: Session, conversation: Conversation, words: str) -> Message:
    """The customer's next message, as the turn stores it."""
    event = Event(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        kind="message",
        raw="{}",
        external_id=uuid.uuid4().hex,
        state="done",
    )
    session.add(event)
    session.flush()
    message = Message(
        conversation_id=conversation.id, episode=conversation.episode, event_id=event.id, author="customer", text=words
    )
    session.add(message)
    session.flush()
    return message


def tells(session: Session, conversation: Conversation, words: str) -> bool:
    """The customer writes, as a turn hands it on: to the desk if it takes it by itself, else to the live case."""
    message = writes(session, conversation, words)
    human_desk = services.current().wiring.desk
    taken = human_desk.join(session, conversation.id, message.id)
    if not taken:
        human_desk.customer_wrote(session, conversation.id, message.id)
    return taken


def staff(session: Session, name: str, role: str = "agent") -> User:
    user = User(username=uuid.uuid4().hex, name=name, role=role, password_hash="")
    session.add(user)
    session.flush()
    return user


def is_there(session: Session, user_id: int, capacity: int = 5, team: str = "service") -> None:
    """Somebody who takes a team's cases has the console open."""
    teams.prepare(session, {team: team})
    session.flush()
    username = session.get_one(User, user_id).username
    teams.join(session, team, username, capacity, (), lead=False, standby=False)
    people.insert_missing(session, Presence, {"user_id": user_id, "online_until": now()})
    here = update(Presence).where(Presence.user_id == user_id)
    session.execute(here.values(status="online", online_until=now() + presence.LASTS))


def wish_for_a_person(conversation: Conversation, **changes: Any) -> Handoff:
    facts: dict[str, Any] = {
        "reason": "顧客要找真人",
        "reasons": ("override.want_human",),
        "intent": "want_human",
        "category": "want_human",
        "level": "L2",
        "priority": "high",
        "team": "service",
        "route": "human",
        "summary": "顧客想跟真人談",
        "facts": {"order_number": "GB1118"},
        "confidence": 0.98,
    }
    return Handoff(conversation_id=conversation.id, **(facts | changes))


def bot_says(session: Session, conversation: Conversation, words: str) -> OutboxRow:
    message = conversations.say(session, conversation, Outbound(words), speaker="bot")[-1]
    session.flush()
    return session.scalars(select(OutboxRow).where(OutboxRow.message_id == message.id)).one()


def arrives(session: Session) -> None:
    """Whatever was on its way is with the customer."""
    session.flush()
    session.execute(update(OutboxRow).values(state="sent", sent_at=now()))


def journal_kinds(session: Session, conversation: Conversation) -> list[str]:
    """What the journal tells of a conversation, once the transaction is committed."""
    session.commit()
    entries = select(JournalEntry.kind).where(JournalEntry.conversation_id == conversation.id)
    return list(session.scalars(entries.order_by(JournalEntry.id)))


def count(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@dataclass(frozen=True)
class Case:
    """A case that 劉思妤 has claimed, by its ids."""

    ticket: int
    conversation: int
    agent: int
    seen: int


def claimed_case(session: Session) -> Case:
    conversation = customer(session)
    seen = writes(session, conversation, "我要找真人")
    ref = services.current().wiring.desk.open(session, wish_for_a_person(conversation))
    agent = staff(session, "劉思妤")
    tickets.claim(session, ref.ticket_id, agent.id)
    return Case(ref.ticket_id, conversation.id, agent.id, seen.id)
