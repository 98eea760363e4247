"""Who took part in a campaign: one row a conversation, page by page by its newest message."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from bot.models import Conversation, Message
from handoff.marketing import suppression
from handoff.models import CampaignEntry

SHOWN = 50
AT_ONCE = 500
NONE = 0  # of no registered campaign


@dataclass(frozen=True)
class Participant:
    """Somebody who took part: `last` is what he wrote last for it; `held`, that a case of his is open."""

    entry: int
    conversation: Conversation
    count: int
    since: datetime
    at: datetime
    last: Message
    held: bool


@dataclass(frozen=True)
class Figures:
    """A campaign in numbers."""

    customers: int = 0
    messages: int = 0


def figures(session: Session) -> Mapping[int, Figures]:
    """By campaign; what belongs to none stands under `NONE`."""
    customers = func.count(func.distinct(CampaignEntry.conversation_id))
    rows = session.execute(
        select(CampaignEntry.campaign_id, customers, func.count()).group_by(CampaignEntry.campaign_id)
    )
    return {campaign or NONE: Figures(people, messages) for campaign, people, messages in rows}


def page(session: Session, campaign: int, before: int = 0, limit: int = SHOWN) -> Sequence[Participant]:
    """Who took part last comes first; `before` is the last row of the page before."""
    newest = func.max(CampaignEntry.id)
    of_it = CampaignEntry.campaign_id == campaign if campaign else CampaignEntry.campaign_id.is_(None)
    each = select(newest, func.count(), func.min(CampaignEntry.at)).where(of_it)
    each = each.group_by(CampaignEntry.conversation_id).order_by(newest.desc()).limit(limit)
    found = session.execute(each.having(newest < before) if before else each).all()
    entries = _entries(session, [id_ for id_, *_ in found])
    held = suppression.among(session, {one.conversation.contact_id or 0 for one in entries.values()})
    return [_participant(entries[id_], count, since, held) for id_, count, since in found]


def every(session: Session, campaign: int) -> Iterator[Participant]:
    """All of them."""
    before = 0
    while rows := page(session, campaign, before, AT_ONCE):
        yield from rows
        before = rows[-1].entry


def _entries(session: Session, ids: Sequence[int]) -> Mapping[int, CampaignEntry]:
    whole = (
        joinedload(CampaignEntry.conversation).options(
            joinedload(Conversation.contact), joinedload(Conversation.account), joinedload(Conversation.identity)
        ),
        joinedload(CampaignEntry.message),
    )
    rows = session.scalars(select(CampaignEntry).where(CampaignEntry.id.in_(ids)).options(*whole))
    return {row.id: row for row in rows}


def _participant(entry: CampaignEntry, count: int, since: datetime, held: set[int]) -> Participant:
    person = entry.conversation.contact_id
    return Participant(entry.id, entry.conversation, count, since, entry.at, entry.message, person in held)
