"""What happened to a case, as people read it: each change with when, by whom, to whom, from where to where, and why.

A case's own entries, and what happened to its conversations since it was opened; not those of the cases beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from bot.models import Conversation, JournalEntry, User
from handoff.models import Ticket

GRADED = ("level", "priority", "category", "type")
TOLD = (
    "ticket.opened",
    "ticket.claimed",
    "ticket.accepted",
    "ticket.replied",
    "ticket.answered_elsewhere",
    "ticket.noted",
    "ticket.mentioned",
    "ticket.customer_wrote",
    "ticket.resolved",
    "ticket.handed_back",
    "ticket.reopened",
    "ticket.proposed",
    "ticket.proposal_refused",
    "ticket.proposal_lapsed",
    "ticket.proposal_unheard",
    "ticket.parked",
    "ticket.unparked",
    "ticket.rating_asked",
    "ticket.closed",
    "ticket.joined",
    "ticket.assigned",
    "ticket.requeued",
    "ticket.escalated",
    "ticket.our_turn",
    "ticket.told_later",
    "ticket.told_sooner",
    "ticket.undelivered",
    "ticket.taken_back",
    "ticket.file_refused",
    "ticket.department_asked",
    "ticket.department_accepted",
    "ticket.department_answered",
    "ticket.floor",
    "ticket.merged",
    "ticket.took_over",
    "ticket.parted",
    "ticket.split",
    "ticket.filed",
    "ticket.raised",
    "ticket.lowered",
    "ticket.graded",
    "ticket.repeated",
    "ticket.called",
    "clock.warned",
    "clock.breached",
    "proposal.made",
    "proposal.first_approved",
    "proposal.approved",
    "proposal.refused",
    "proposal.revised",
    "proposal.taken_back",
    "proposal.replaced",
    "proposal.carried",
    "proposal.by_hand",
    "proposal.done",
    "proposal.tried_again",
    "promise.made",
    "promise.kept",
    "promise.broken",
    "complaint.investigated",
    "complaint.replied",
    "ticket.rated",
    "complaint.rated",
    "contact.merged",
    "contact.unmerged",
    "contact.verified",
    "contact.tiered",
    "contact.annotated",
    "message.failed",
    "message.unknown",
    "message.resent",
    "message.settled",
    "message.let_go",
    "message.unsent",
    "turn.answered",
    "answer.doubted",
    "answer.voted",
    "event.set_aside",
    "event.replayed",
    "contact.blocked",
    "contact.followed",
    "conversation.held_elsewhere",
    "conversation.ours_again",
)
"""Beside these the journal has what the engine thought, what was sent, and who has seen what."""


@dataclass(frozen=True)
class Happening:
    """An entry of the journal. `by`: nobody where the house itself did it. `to`: the colleague whom it concerns.

    `changes`: what of the case changed, as (what, before, after).
    """

    entry: JournalEntry
    by: str
    to: str
    changes: Sequence[tuple[str, str, str]]

    @property
    def data(self) -> Mapping[str, Any]:
        return self.entry.data


def of_conversations(conversations: Sequence[Conversation]) -> Select[JournalEntry]:
    here = JournalEntry.conversation_id.in_([conversation.id for conversation in conversations])
    return select(JournalEntry).where(here, JournalEntry.kind.in_(TOLD))


def of_case(ticket: Ticket, threads: Sequence[Conversation]) -> Select[JournalEntry]:
    """In its own conversation, and in those that joined it."""
    return of_conversations(threads).where(_concerns(ticket))


def _concerns(ticket: Ticket) -> ColumnElement[bool]:
    about = JournalEntry.data["ticket_id"].as_integer()
    return or_(about == ticket.id, and_(about.is_(None), JournalEntry.at >= ticket.opened_at))


def told(session: Session, entries: Sequence[JournalEntry]) -> list[Happening]:
    """The entries with the names of those whom they tell of."""
    ids = {user for entry in entries for user in (entry.user_id, entry.data.get("to_user")) if user}
    names = dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    return [_happening(names, entry) for entry in entries]


def _happening(names: Mapping[int, str], entry: JournalEntry) -> Happening:
    whom = names.get(entry.data.get("to_user") or 0, "")
    return Happening(entry, names.get(entry.user_id or 0, ""), whom, _changes(entry.data))


def _changes(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Of its state, or of what it weighs."""
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return [(name, before[name], after[name]) for name in GRADED if name in before and name in after]
    if before and data.get("state") not in (None, before):
        return [("state", str(before), data["state"])]
    return []
