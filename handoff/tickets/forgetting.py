"""What a customer took back is gone from his cases: summary, facts, taps, and what the bot prepared of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.language import came_from, without
from handoff.models import Ticket
from handoff.tickets import approving, records

OF_AN_ORDER = ("order_status", "shipment")  # what the shop's system told of the order with this number


def forget(session: Session, ticket: Ticket, text: str, facts: Mapping[str, Any]) -> None:
    """Forget these words, and the facts that were read from them."""
    lost = {name: fact for name, fact in ticket.facts.items() if facts.get(name) == fact or came_from(fact, text)}
    if "order_number" in lost:
        lost |= {name: ticket.facts[name] for name in OF_AN_ORDER if name in ticket.facts}
    kept = ((name, fact) for name, fact in ticket.facts.items() if name not in lost)
    ticket.facts = {name: without(fact, text) if isinstance(fact, str) else fact for name, fact in kept}
    ticket.summary = "" if ticket.summary in text else without(ticket.summary, text)
    ticket.taps = [tap for tap in ticket.taps if tap != text]
    approving.forget(session, ticket, text, facts)
    records.record(session, ticket, "ticket.taken_back")
