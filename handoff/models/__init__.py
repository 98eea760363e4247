"""The desk's tables, one module a subject."""

from handoff.models.clocks import Clock, RuleVersion
from handoff.models.complaints import Complaint
from handoff.models.contacts import ContactKey, ContactMerge, ContactNote
from handoff.models.hooks import WebhookEndpoint
from handoff.models.joining import CaseMember, CaseThread
from handoff.models.marketing import (
    CAMPAIGN,
    AudienceCall,
    Campaign,
    CampaignBatch,
    CampaignEntry,
    CampaignSend,
    MarketingRefusal,
)
from handoff.models.marks import CaseField, CaseTag
from handoff.models.notices import Delivery, Notice, NoticeChoice, NoticeCursor, PushSubscription
from handoff.models.people import Absence, Member, PassedOver, Presence, Shift, Team
from handoff.models.promises import CasePromise
from handoff.models.proposals import ChangeOfOrder, Proposal
from handoff.models.tickets import DONE, LIVE, ReplyKey, Ticket, TicketCounter
from handoff.models.views import SavedFilter
from handoff.models.whispers import Whisper

__all__ = [
    "CAMPAIGN",
    "DONE",
    "LIVE",
    "Absence",
    "AudienceCall",
    "Campaign",
    "CampaignBatch",
    "CampaignEntry",
    "CampaignSend",
    "CaseField",
    "CaseMember",
    "CasePromise",
    "CaseTag",
    "CaseThread",
    "ChangeOfOrder",
    "Clock",
    "Complaint",
    "ContactKey",
    "ContactMerge",
    "ContactNote",
    "Delivery",
    "MarketingRefusal",
    "Member",
    "Notice",
    "NoticeChoice",
    "NoticeCursor",
    "PassedOver",
    "Presence",
    "Proposal",
    "PushSubscription",
    "ReplyKey",
    "RuleVersion",
    "SavedFilter",
    "Shift",
    "Team",
    "Ticket",
    "TicketCounter",
    "WebhookEndpoint",
    "Whisper",
]
