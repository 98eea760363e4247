"""A shop's past: as many stored conversations as asked for, each with what one question leaves behind.

Written by the database itself (INSERT … SELECT), a million in minutes: a contact, an identity, a conversation, the
raw event, two messages (or as many more as asked for), the sent outbox row and five journal entries each; a closed case
for every fiftieth (or more often), and always a full page of open ones.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

import webhook_app
from bot import db
from bot.clock import now
from bot.language import words
from bot.models import Account, Contact, Conversation, Event, Identity, JournalEntry, Message, OutboxRow
from bot.nlu import shipped
from bot.settings import Settings
from handoff.clocks import adopted
from handoff.models import Ticket
from tests.builders import DESTINATION, text_event

CHUNK = 100_000
KINDS = 500
OPEN_CASES = 100
ONE_CASE_IN = 50
FEWEST_CASES = 120  # closed ones, so that a page of them is full in a small shop too
DAYS = 180
SCATTER, SPACE = 2_654_435_761, 4_294_967_296  # spreads neighbours over the whole index, as random ids are spread
ENTRIES = ("message.received", "turn.understood", "message.queued", "turn.answered", "message.sent")
ANSWER = "{name}您好，一般訂單付款後三個工作天內出貨，外島約五至七天。有其他問題請再告訴我們。"

samples = Table(
    "benchmark_samples",
    MetaData(),
    Column("kind", Integer, primary_key=True),
    Column("at", db.UtcDateTime()),
    Column("question", Text),
    Column("raw", Text),
    Column("body", JSON),
    Column("data", JSON),
    Column("name", String),
    Column("question_words", Text),
    Column("name_words", Text),
)
Values = dict[InstrumentedAttribute[Any], Any]


def store(settings: Settings, conversations: int, one_case_in: int = ONE_CASE_IN, messages: int = 2) -> None:
    """Put this many conversations of so many messages each into an empty shop."""
    engine = db.connect(settings)
    with engine.begin() as connection:
        samples.create(connection)
        connection.execute(samples.insert(), list(_samples()))
        account = connection.scalar(
            insert(Account).values(channel="line", external_id=DESTINATION).returning(Account.id)
        )
    every = max(1, min(one_case_in, conversations // (FEWEST_CASES + OPEN_CASES)))
    further = [conversations * place for place in range(2, messages)]
    for first in range(1, conversations + 1, CHUNK):
        with engine.begin() as connection:
            _hurry(connection)
            _store(connection, account, first, min(first + CHUNK - 1, conversations), every, further)
    with engine.begin() as connection:
        _open_cases(connection, conversations)
        samples.drop(connection)
        _settle(connection)
    engine.dispose()
    desk = webhook_app.install(settings)
    with desk.sessions.begin() as session:
        _count(session)
    desk.engine.dispose()


def customers(conversations: int) -> Iterator[str]:
    """The LINE ids of the customers of these conversations."""
    return (f"U{_scattered(number):032d}" for number in range(1, conversations + 1))


def _scattered(number: int) -> int:
    return 10**17 + number * SCATTER % SPACE


def _samples() -> Iterator[dict[str, Any]]:
    """What the rows say; every conversation takes one of these."""
    examples = shipped.examples()
    for kind in range(KINDS):
        example = examples[kind * len(examples) // KINDS]
        yield {
            "kind": kind,
            "at": now() - timedelta(days=DAYS) * ((KINDS - kind) / KINDS),
            "question": example.text,
            "raw": json.dumps(text_event(f"U{kind:032d}", example.text)),
            "body": {"text": ANSWER, "buttons": []},
            "data": {"intent": example.intent, "confidence": 0.97, "engine": "embedded", "release": "1"},
            "name": f"顧客{kind}",
            "question_words": words(example.text),
            "name_words": words(f"顧客{kind}"),
        }


def _hurry(connection: Connection) -> None:
    """What is lost with the machine is written again by the next run."""
    hints = {
        "sqlite": ("PRAGMA cache_size = -1000000",),
        # The last one: rows that refer to each other are not checked one by one.
        "postgresql": (
            "SET LOCAL synchronous_commit = off",
            "SET LOCAL maintenance_work_mem = '512MB'",
            "SET LOCAL gin_pending_list_limit = '512MB'",
            "SET LOCAL session_replication_role = replica",
        ),
    }
    for hint in hints[connection.dialect.name]:
        connection.execute(text(hint))


def _store(
    connection: Connection, account: int | None, first: int, last: int, every: int, further: Sequence[int]
) -> None:
    numbers = select(cast(literal(first), BigInteger).label("number")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < last))
    number, one = numbers.c.number, samples.c
    scattered = literal(10**17, BigInteger) + number * literal(SCATTER, BigInteger) % literal(SPACE, BigInteger)
    unique = cast(scattered, String)
    user = literal("U" + "0" * 14) + unique

    def fill(values: Values, *only: Any) -> None:
        chosen: Select[Any] = select(*values.values()).join_from(numbers, samples, one.kind == number % KINDS)
        table = next(iter(values)).class_
        connection.execute(insert(table).from_select([column.key for column in values], chosen.where(*only)))

    fill({Contact.id: number, Contact.name: one.name, Contact.words: one.name_words, Contact.created_at: one.at})
    fill(
        {
            Identity.id: number,
            Identity.account_id: literal(account),
            Identity.contact_id: number,
            Identity.external_id: user,
            Identity.profile_at: one.at,
            Identity.present_at: one.at,
            Identity.created_at: one.at,
        }
    )
    fill(
        {
            Conversation.id: number,
            Conversation.account_id: literal(account),
            Conversation.contact_id: number,
            Conversation.source_kind: literal("user"),
            Conversation.source_id: user,
            Conversation.episode: case((number % every == 0, 2), else_=1),
            Conversation.state: literal({"clarified": 0}, JSON),
            Conversation.last_customer_at: one.at,
            Conversation.created_at: one.at,
        }
    )
    fill(
        {
            Event.id: number,
            Event.account_id: literal(account),
            Event.conversation_id: number,
            Event.external_id: literal("01HPAST") + unique,
            Event.message_id: unique,
            Event.kind: literal("message"),
            Event.raw: one.raw,
            Event.state: literal("done"),
            Event.attempts: literal(1),
            **{when: one.at for when in (Event.occurred_at, Event.received_at, Event.due_at, Event.wake_at)},
        }
    )
    asked, answered = number * 2 - 1, number * 2
    message = {
        Message.conversation_id: number,
        Message.payload: literal({}, JSON),
        Message.occurred_at: one.at,
        Message.created_at: one.at,
    }
    question = {Message.text: one.question, Message.words: one.question_words}
    fill(
        {
            Message.id: asked,
            Message.event_id: number,
            Message.external_id: unique,
            Message.author: literal("customer"),
            **question,
            **message,
        }
    )
    answer = {Message.text: literal(ANSWER), Message.words: literal(words(ANSWER))}
    fill({Message.id: answered, Message.author: literal("bot"), **answer, **message})
    for place, beyond in enumerate(further):
        author, said = ("agent", answer) if place % 2 else ("customer", question)
        fill({Message.id: number + literal(beyond), Message.author: literal(author), **said, **message})
    fill(
        {
            OutboxRow.id: number,
            OutboxRow.conversation_id: number,
            OutboxRow.message_id: answered,
            OutboxRow.speaker: literal("bot"),
            OutboxRow.body: one.body,
            OutboxRow.key: literal("row") + unique,
            OutboxRow.batch: literal("row") + unique,
            OutboxRow.state: literal("sent"),
            OutboxRow.via: literal("reply"),
            OutboxRow.attempts: literal(1),
            **{when: one.at for when in (OutboxRow.due_at, OutboxRow.wake_at, OutboxRow.created_at, OutboxRow.sent_at)},
        }
    )
    for place, kind in enumerate(ENTRIES, start=1):
        fill(
            {
                JournalEntry.id: 1_000 + (number - 1) * len(ENTRIES) + place,
                JournalEntry.at: one.at,
                JournalEntry.kind: literal(kind),
                JournalEntry.conversation_id: number,
                JournalEntry.message_id: asked,
                JournalEntry.data: one.data,
            }
        )
    fill(
        {
            Ticket.id: number,
            Ticket.number: literal("CS-PAST-") + cast(number, String),
            Ticket.conversation_id: number,
            Ticket.contact_id: number,
            Ticket.episode: literal(1),
            Ticket.state: literal("closed"),
            Ticket.resolution: literal("solved"),
            Ticket.reason: literal("顧客要找真人"),
            Ticket.intent: literal("want_human"),
            Ticket.category: literal("want_human"),
            Ticket.level: literal("L3"),
            Ticket.priority: literal("normal"),
            Ticket.team: literal("service"),
            Ticket.facts: literal({"order_number": "GB1118"}, JSON),
            Ticket.summary: one.question,
            Ticket.words: one.question_words,
            Ticket.opened_at: one.at,
            Ticket.first_response_due_at: one.at,
            Ticket.resolution_due_at: one.at,
            Ticket.first_response_at: one.at,
            Ticket.resolved_at: one.at,
            Ticket.closed_at: one.at,
        },
        number % every == 0,
    )


def _open_cases(connection: Connection, conversations: int) -> None:
    """The newest cases are open, however long the past is: a desk has as many as its people bear."""
    newest = select(Conversation.id).order_by(Conversation.id.desc()).limit(OPEN_CASES).subquery()
    ids = list(connection.scalars(select(newest.c.id)))
    connection.execute(update(Conversation).where(Conversation.id.in_(ids)).values(owner="human", episode=1))
    connection.execute(Ticket.__table__.delete().where(Ticket.conversation_id.in_(ids)))
    at = now()
    connection.execute(
        insert(Ticket),
        [
            {
                "id": number,
                "number": f"CS-OPEN-{number}",
                "conversation_id": number,
                "contact_id": number,
                "episode": 1,
                "state": "new",
                "reason": "顧客要找真人",
                "intent": "want_human",
                "category": "want_human",
                "level": "L3",
                "priority": "normal",
                "team": "service",
                "facts": {},
                "first_response_due_at": at,
                "resolution_due_at": at,
                "waiting_since": at,
            }
            for number in ids
        ],
    )


def _count(session: Session) -> None:
    """The open cases' clocks run; else the desk would find them uncounted and mend them while it is measured."""
    for ticket in session.scalars(select(Ticket).where(Ticket.state == "new")).all():
        adopted(session, ticket)


def _settle(connection: Connection) -> None:
    """PostgreSQL's counters go on behind the rows, and its planner knows the tables, as after a night's autovacuum."""
    if connection.dialect.name != "postgresql":
        return
    for model in (Contact, Identity, Conversation, Event, Message, OutboxRow, JournalEntry, Ticket):
        table = model.__tablename__
        newest = select(func.max(model.id)).scalar_subquery()
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table, "id"), newest)))
        connection.execute(text(f"ANALYZE {table}"))
