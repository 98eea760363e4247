"""Who took part in a campaign: one row a conversation with all that was written in it, page by page by the newest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, load_only

from bot.models import Conversation, Message
from handoff.marketing import suppression
from handoff.models import CampaignEntry

SHOWN = 50
AT_ONCE = 500
MOST_SAID = 100  # messages of one customer, the newest
READ = (Message.conversation_id, Message.text, Message.payload, Message.occurred_at, Message.unsent_at)
NONE = 0  # of no registered campaign


@dataclass(frozen=True)
class Participant:
    """Somebody who took part: `said` is the newest that he wrote, oldest first; `held`: a case of his is open."""

    entry: int
    conversation: Conversation
    count: int
    since: datetime
    at: datetime
    said: Sequence[Message]
    held: bool

    @property
    def last(self) -> Message:
        return self.said[-1]


@dataclass(frozen=True)
class Figures:
    """A campaign in numbers."""

    customers: int = 0
    messages: int = 0


def figures(session: Session) -> Mapping[int, Figures]:
    """By campaign; what belongs to none stands under `NONE`. Who took part under two accounts is one customer."""
    customers = func.count(func.distinct(func.coalesce(Conversation.contact_id, -Conversation.id)))
    each = select(CampaignEntry.campaign_id, customers, func.count()).join(CampaignEntry.conversation)
    rows = session.execute(each.group_by(CampaignEntry.campaign_id))
    return {campaign or NONE: Figures(people, messages) for campaign, people, messages in rows}


def page(session: Session, campaign: int, before: int = 0, limit: int = SHOWN) -> Sequence[Participant]:
    """Who took part last comes first; `before` is the last row of the page before."""
    newest = func.max(CampaignEntry.id)
    each = select(newest, func.count(), func.min(CampaignEntry.at)).where(_of_it(campaign))
    each = each.group_by(CampaignEntry.conversation_id).order_by(newest.desc()).limit(limit)
    found = session.execute(each.having(newest < before) if before else each).all()
    entries = _entries(session, [id_ for id_, *_ in found])
    held = suppression.among(session, {one.conversation.contact_id or 0 for one in entries.values()})
    said = _said(session, campaign, [one.conversation_id for one in entries.values()])
    return [_participant(entries[id_], count, since, said, held) for id_, count, since in found]


def every(session: Session, campaign: int) -> Iterator[Participant]:
    """All of them."""
    before = 0
    while rows := page(session, campaign, before, AT_ONCE):
        yield from rows
        before = rows[-1].entry


def _of_it(campaign: int) -> ColumnElement[bool]:
    return CampaignEntry.campaign_id == campaign if campaign else CampaignEntry.campaign_id.is_(None)


def _entries(session: Session, ids: Sequence[int]) -> Mapping[int, CampaignEntry]:
    whole = joinedload(CampaignEntry.conversation).options(
        joinedload(Conversation.contact), joinedload(Conversation.account), joinedload(Conversation.identity)
    )
    rows = session.scalars(select(CampaignEntry).where(CampaignEntry.id.in_(ids)).options(whole))
    return {row.id: row for row in rows}


def _said(session: Session, campaign: int, those: Sequence[int]) -> Mapping[int, Sequence[Message]]:
    """What was written for it in these conversations, oldest first."""
    place = func.row_number().over(partition_by=CampaignEntry.conversation_id, order_by=CampaignEntry.id.desc())
    theirs = select(CampaignEntry.message_id, CampaignEntry.id, place.label("place"))
    ranked = theirs.where(_of_it(campaign), CampaignEntry.conversation_id.in_(those)).subquery()
    written = select(Message).join(ranked, ranked.c.message_id == Message.id).where(ranked.c.place <= MOST_SAID)
    written = written.options(load_only(*READ, raiseload=True)).order_by(ranked.c.id)
    found: dict[int, list[Message]] = {}
    for message in session.scalars(written):
        found.setdefault(message.conversation_id, []).append(message)
    return found


def _participant(
    entry: CampaignEntry, count: int, since: datetime, said: Mapping[int, Sequence[Message]], held: set[int]
) -> Participant:
    talk = entry.conversation
    return Participant(entry.id, talk, count, since, entry.at, said[talk.id], talk.contact_id in held)
