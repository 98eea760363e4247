"""What the engine asks of marketing (`bot.ports.Campaigns`): what runs, who took part, and how he is thanked."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import db, journal
from bot.clock import now
from bot.models import Conversation
from bot.ports import Campaign as Running
from bot.transactions import fault
from handoff.models import Campaign, CampaignBatch, CampaignEntry, CampaignSend

FRESH = 1.0  # seconds for which every process may think that a campaign runs which was ended elsewhere
LATELY = timedelta(days=1)

log = structlog.get_logger()


class Register:
    """The campaigns of a database, looked up again each second."""

    def __init__(self, sessions: db.Sessions) -> None:
        self.sessions = sessions
        self._known: Sequence[Campaign] = ()
        self._looked = float("-inf")

    def running(self) -> Sequence[Running]:
        """While the database is away, as they were: the turn will find out by itself."""
        if time.monotonic() - self._looked >= FRESH:
            self._look()
        at = now()
        return [_as_running(one) for one in self._known if one.starts_at <= at < one.ends_at]

    def wrote_to(self, conversation_id: int) -> int | None:
        lately = CampaignSend.conversation_id == conversation_id, CampaignSend.said_at > now() - LATELY
        last = select(CampaignBatch.campaign_id).join(CampaignSend, CampaignSend.batch_id == CampaignBatch.id)
        with db.reading(self.sessions) as session:
            return session.scalar(last.where(*lately).order_by(CampaignSend.said_at.desc()).limit(1))

    def enter(
        self,
        session: Session,
        conversation_id: int,
        message_ids: Sequence[int],
        traffic: str,
        campaign_id: int | None,
    ) -> None:
        """Each once, also when its turn is run again."""
        known = set(session.scalars(select(CampaignEntry.message_id).where(CampaignEntry.message_id.in_(message_ids))))
        about = {"conversation_id": conversation_id, "campaign_id": campaign_id, "traffic": traffic}
        for message in message_ids:
            if message not in known:
                session.add(CampaignEntry(message_id=message, **about))
                journal.write(
                    session,
                    "campaign.entered",
                    conversation_id=conversation_id,
                    message_id=message,
                    campaign=campaign_id,
                    traffic=traffic,
                )

    def thanks(self, session: Session, conversation_id: int, campaign_id: int) -> str:
        """Once a person and campaign, under whatever account he writes."""
        session.flush()
        person = select(Conversation.contact_id).where(Conversation.id == conversation_id).scalar_subquery()
        theirs = select(Conversation.id).where(Conversation.contact_id == person)
        his = CampaignEntry.campaign_id == campaign_id, CampaignEntry.conversation_id.in_(theirs)
        if session.scalar(select(CampaignEntry.id).where(*his, CampaignEntry.thanked).limit(1)):
            return ""
        session.execute(update(CampaignEntry).where(*his).values(thanked=True))
        return session.get_one(Campaign, campaign_id).thanks

    def _look(self) -> None:
        self._looked = time.monotonic()
        try:
            with db.reading(self.sessions) as session:
                alive = Campaign.retired_at.is_(None), Campaign.ends_at > now()
                self._known = session.scalars(select(Campaign).where(*alive)).all()
                session.expunge_all()
        except SQLAlchemyError as error:
            log.warning("campaigns.not_read", error=fault(error))


def _as_running(campaign: Campaign) -> Running:
    kind: Literal["broadcast", "campaign"] = "broadcast" if campaign.kind == "broadcast" else "campaign"
    return Running(campaign.id, kind, tuple(campaign.keywords), campaign.postback)
