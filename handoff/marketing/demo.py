"""A campaign and a broadcast of the demo's shop, and some who took part, so that a newcomer's /marketing has work."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import conversations, people
from bot.clock import now
from bot.models import Conversation, Message, User
from bot.settings import DEMO_DESTINATION
from handoff.marketing import campaigns
from handoff.marketing.campaigns import Sheet
from handoff.models import Campaign, CampaignEntry

KEEPER = "yu"
GRAPES = Sheet(
    "葡萄禮盒留言抽獎", "campaign", ("葡萄+1", "我要葡萄"), "", "收到！抽獎名單 28 號公布，祝您中獎。", None, None
)
FEAST = Sheet("雙11 回饋推播", "broadcast", ("領回饋",), "feast:", "回饋金已經登記，三天內入帳。", None, None)
SAID = ((GRAPES, "葡萄+1"), (GRAPES, "我要葡萄，拜託選我"), (FEAST, "領回饋"))


def load_demo(session: Session, customers: list[tuple[str, str]]) -> None:
    """Keep them where there is no campaign; of the `customers` (LINE id, name) each says something."""
    keeper = session.scalar(select(User.id).where(User.username == KEEPER))
    if keeper is None or session.scalar(select(Campaign.id).limit(1)) is not None:
        return
    made = {sheet.name: _begun(session, sheet, keeper) for sheet in (GRAPES, FEAST)}
    for (user, name), (sheet, words) in zip(customers, SAID, strict=False):
        _takes_part(session, user, name, made[sheet.name], words)


def _begun(session: Session, sheet: Sheet, keeper: int) -> Campaign:
    since, until = now() - timedelta(days=3), now() + timedelta(days=27)
    lasting = Sheet(sheet.name, sheet.kind, sheet.keywords, sheet.postback, sheet.thanks, since, until)
    return campaigns.add(session, lasting, by=keeper)


def _takes_part(session: Session, user: str, name: str, campaign: Campaign, words: str) -> None:
    account = people.account_id(session, "line", DEMO_DESTINATION)
    contact = people.contact_id(session, account, user)
    number = conversations.conversation_id(session, account, "user", user, contact)
    conversation, yesterday = session.get_one(Conversation, number), now() - timedelta(days=1)
    if conversation.contact is not None:
        conversation.contact.name = conversation.contact.name or name
    said = Message(conversation_id=number, author="customer", text=words, occurred_at=yesterday, created_at=yesterday)
    session.add(said)
    session.flush()
    entry = {"campaign_id": campaign.id, "conversation_id": number, "traffic": campaign.kind, "thanked": True}
    session.add(CampaignEntry(message_id=said.id, at=yesterday, **entry))
