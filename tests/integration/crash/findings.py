"""The promises, checked for one customer: what was written, what the database holds, what arrived on the phone.

Each check yields a sentence for everything that is wrong.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.models import JournalEntry, Message, OutboxRow
from tests.integration.crash.courier import Delivery
from tests.integration.crash.evidence import Thread
from tests.integration.crash.platform import Arrival, name

NAMES = re.compile(r"顧客\d{4}")


@dataclass(frozen=True)
class Case:
    """One customer: the deliveries in the order of writing, the thread in the database, the phone's screen."""

    customer: str
    deliveries: Sequence[Delivery]
    thread: Thread
    screen: Sequence[Arrival]

    def findings(self) -> list[str]:
        return [f"{self.customer}: {wrong}" for check in CHECKS for wrong in check(self)]

    def stored(self) -> dict[str, Message]:
        """The customer's messages, by the id of the event that brought them."""
        events = {event.id: event.external_id for event in self.thread.events}
        return {events[m.event_id]: m for m in self.thread.messages if m.event_id is not None}

    def customers_messages(self) -> list[Message]:
        return [message for message in self.thread.messages if message.author == "customer"]

    def said(self) -> list[Message]:
        return [message for message in self.thread.messages if message.author in ("bot", "system")]


def every_message_is_stored_once(case: Case) -> Iterator[str]:
    events = Counter(event.external_id for event in case.thread.events)
    if events != Counter(delivery.id for delivery in case.deliveries):
        yield f"{len(case.deliveries)} events were delivered, {events.total()} are stored"
    stored = case.stored()
    if len(case.customers_messages()) != len(case.deliveries):
        yield f"{len(case.deliveries)} messages were written, {len(case.customers_messages())} are stored"
    for delivery in case.deliveries:
        if delivery.id not in stored or stored[delivery.id].text != delivery.text:
            yield f"the message of event {delivery.id} is not stored as it was written"


def every_event_is_done(case: Case) -> Iterator[str]:
    for event in case.thread.events:
        if event.state != "done":
            yield f"event {event.id} is {event.state} after {event.attempts} tries: {event.error}"


def messages_keep_their_order(case: Case) -> Iterator[str]:
    """One that LINE had delivered before it first tried the next comes first."""
    stored = case.stored()
    for at, later in enumerate(case.deliveries):
        for sooner in case.deliveries[:at]:
            if sooner.taken is None or later.first is None or sooner.taken > later.first:
                continue
            if sooner.id in stored and later.id in stored and stored[sooner.id].id > stored[later.id].id:
                yield f"event {sooner.id} was taken before {later.id} came, but its message is behind"


def every_message_is_judged_once(case: Case) -> Iterator[str]:
    """A turn takes what waited; a decision of the bot or the case of a person ends it, once."""
    pending: list[int | None] = []
    for entry in case.thread.journal:
        match entry.kind:
            case "message.received":
                pending.append(entry.message_id)
            case "turn.decided" if not pending or entry.message_id != pending[-1]:
                yield f"journal entry {entry.id}: a second decision on message {entry.message_id}"
            case "turn.decided":
                pending.clear()
            case "ticket.customer_wrote" if entry.message_id not in pending:
                yield f"journal entry {entry.id}: message {entry.message_id} is put on the case again"
            case "ticket.customer_wrote":
                pending.remove(entry.message_id)
    if pending:
        yield f"nobody took the messages {pending}"


def _told_sooner(case: Case) -> Counter[int | None]:
    """How often a customer heard of a sooner answer, by the message that he had written last."""
    last, found = None, Counter[int | None]()
    for entry in case.thread.journal:
        if entry.kind == "message.received":
            last = entry.message_id
        found[last] += entry.kind == "ticket.told_sooner"
    return found


def every_turn_speaks_once(case: Case) -> Iterator[str]:
    """After the last message of a turn that the bot decided comes what it decided to say; after one that makes a case
    more urgent, that somebody answers sooner; after any other, nothing.
    """
    decided = {entry.message_id: _spoken(entry) for entry in case.thread.entries("turn.decided")}
    sooner = _told_sooner(case)
    own = [message.id for message in case.customers_messages()]
    after: Counter[int | None] = Counter(
        max((known for known in own if known < message.id), default=None) for message in case.said()
    )
    for message_id in own:
        expected = decided.get(message_id, 0) + sooner[message_id]
        if after[message_id] != expected:
            yield f"message {message_id} has {after[message_id]} answers, not {expected}"


def _spoken(decided: JournalEntry) -> int:
    """How much a turn says: an answer to each request that it answers, and one message about all the others."""
    answered = [bool(route == "auto") for _, route in decided.data["requests"]]
    return sum(answered) + (not all(answered))


def whoever_is_handed_over_has_one_open_case(case: Case) -> Iterator[str]:
    handed_over = len(case.thread.entries("turn.handed_over"))
    tickets = [ticket for ticket in case.thread.tickets if ticket.state != "resolved"]
    if handed_over != len(case.thread.tickets) or len(tickets) > 1:
        yield f"handed over {handed_over} times, {len(case.thread.tickets)} cases, {len(tickets)} open"
    if (case.thread.conversation.owner == "human") != bool(tickets):
        yield f"owned by {case.thread.conversation.owner} with {len(tickets)} open cases"


def what_arrived_is_what_was_said(case: Case) -> Iterator[str]:
    """In order, once; what did not go out says so, and what may have gone out did. No platform can be kept from a
    call that was on its way when its sender froze: what staff were told of as unknown may arrive late, but once.
    """
    expected: list[str] = []
    late: list[str] = []
    for row in case.thread.outbox:
        arrived = row.state == "sent" or _brought(case, row)
        if not arrived and not _honest(case, row):
            yield f"outbox row {row.id} rests as {row.state}: {row.error}"
        if arrived:
            (late if _was_unknown(case, row) else expected).append(str(row.body["text"]))
    seen = [arrival.text for arrival in case.screen]
    if Counter(seen) != Counter(expected + late) or not _in_order(expected, seen):
        yield f"{len(expected)} messages went out, {len(late)} perhaps late, {len(seen)} arrived, or not in that order"


def _brought(case: Case, row: OutboxRow) -> bool:
    return bool({arrival.call for arrival in case.screen} & {row.reply_token, row.key, row.batch})


def unheard(case: Case) -> list[OutboxRow]:
    """What nobody could know about, and never arrived: honest, but an answer that somebody waits for."""
    return [row for row in case.thread.outbox if row.state == "unknown" and not _brought(case, row)]


def _in_order(wanted: Sequence[str], seen: Sequence[str]) -> bool:
    """Whether all that is wanted is seen in this order, whatever stands between."""
    rest = iter(seen)
    return all(text in rest for text in wanted)


def _was_unknown(case: Case, row: OutboxRow) -> bool:
    return any(entry.message_id == row.message_id for entry in case.thread.entries("message.unknown"))


def _honest(case: Case, row: OutboxRow) -> bool:
    """A person came first, or nobody can know: then it was written down."""
    if row.state == "cancelled":
        return bool(case.thread.tickets)
    return row.state == "unknown" and _was_unknown(case, row)


def everything_comes_to_rest(case: Case) -> Iterator[str]:
    """Also what did arrive: a row that stays on its way holds up whatever is said after it."""
    for row in case.thread.outbox:
        if row.state in ("queued", "sending"):
            yield f"outbox row {row.id} is still {row.state} after {row.attempts} tries"


def nobody_hears_what_was_meant_for_another(case: Case) -> Iterator[str]:
    for arrival in case.screen:
        if set(NAMES.findall(arrival.text)) - {name(case.customer)}:
            yield f"message {arrival.id} calls the customer by another name"


CHECKS = (
    every_message_is_stored_once,
    every_event_is_done,
    messages_keep_their_order,
    every_message_is_judged_once,
    every_turn_speaks_once,
    whoever_is_handed_over_has_one_open_case,
    what_arrived_is_what_was_said,
    everything_comes_to_rest,
    nobody_hears_what_was_meant_for_another,
)
