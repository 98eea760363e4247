"""A complaint is closed when it is known who was responsible, why, what was done, and how the customer took it."""

from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from bot.clock import now
from bot.errors import Refused
from handoff.models import Complaint, Ticket
from handoff.tickets.satisfaction import PATIENCE

REMEDIES = Path(__file__).with_name("remedies.yml")
TYPE = "complaint"
CATEGORIES = frozenset({"complaint", "safety_incident"})
FOUND_OUT = ("responsible", "cause", "remedy")
WANTED = {
    "responsible": "客訴結案前，先填責任單位。",
    "cause": "客訴結案前，先填原因。",
    "remedy": "客訴結案前，先填處理方式。",
    "reply": "客訴結案前，先把結案回覆傳給顧客。",
}


@cache
def remedies() -> tuple[str, ...]:
    """What is usually offered, in the order of their keys 1, 2, 3 …"""
    return tuple(yaml.safe_load(REMEDIES.read_text("utf-8")))


def of(session: Session, ticket: Ticket) -> Complaint | None:
    """What is known about the complaint; None where the case is none."""
    return session.get(Complaint, ticket.id) if ticket.type == TYPE else None


def begin(session: Session, ticket: Ticket) -> None:
    """From now on it is a complaint. What was known when it was one before is still known."""
    ticket.type = TYPE
    if session.get(Complaint, ticket.id) is None:
        session.add(Complaint(ticket_id=ticket.id))
        session.flush()


def go_along(session: Session, ticket: Ticket, into: Ticket) -> None:
    """The complaint goes on in another case: what was found out is known there, unless something else is."""
    begin(session, into)
    known, there = session.get_one(Complaint, ticket.id), session.get_one(Complaint, into.id)
    for name in FOUND_OUT:
        setattr(there, name, getattr(there, name) or getattr(known, name))


def forget(session: Session, ticket: Ticket, stranger: Ticket) -> None:
    """What was found out about a stranger's complaint is not known of this case any more."""
    ours, theirs = session.get(Complaint, ticket.id), session.get(Complaint, stranger.id)
    for name in FOUND_OUT if ours and theirs else ():
        if getattr(ours, name) == getattr(theirs, name):
            setattr(ours, name, "")


def require_answered(session: Session, ticket: Ticket) -> None:
    """Refused while something of a complaint is not known, or the customer was not told."""
    if names := lacking(session, ticket):
        raise Refused(WANTED[names[0]])


def lacking(session: Session, ticket: Ticket) -> list[str]:
    """What must still be known before this case may end; nothing where it is no complaint."""
    complaint = of(session, ticket)
    return missing(complaint) if complaint else []


def require_closable(session: Session, ticket: Ticket) -> None:
    """Refused while we wait for the customer's word; who says nothing for 72 hours has said enough."""
    complaint = of(session, ticket)
    if complaint is None or complaint.satisfaction:
        return
    require_answered(session, ticket)
    if complaint.asked_at is None or now() < complaint.asked_at + PATIENCE:
        raise Refused("顧客還沒有回覆滿意度；收到回覆，或問了 72 小時之後才能關閉。")
    complaint.satisfaction = "none"


def missing(complaint: Complaint) -> list[str]:
    """The names of what must still be known."""
    known = {
        "responsible": complaint.responsible,
        "cause": complaint.cause,
        "remedy": complaint.remedy,
        "reply": complaint.told,
    }
    return [name for name, given in known.items() if not given]
