"""Campaigns for stories."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.auth import create_user
from bot.clock import now
from bot.services import Services
from handoff.marketing import campaigns
from handoff.marketing.campaigns import Sheet
from handoff.models import Campaign

THANKS = "感謝參加耶誕抽獎，12/26 公布得獎名單。"
PASSWORD = "a long password"


def sheet(**set_: Any) -> Sheet:
    """A campaign that runs now, for a week."""
    around = {"starts_at": now() - timedelta(days=1), "ends_at": now() + timedelta(days=7)}
    plain = {"name": "耶誕抽獎", "kind": "campaign", "keywords": ("+1",), "postback": "campaign=xmas"}
    return Sheet(**{**plain, "thanks": THANKS, **around, **set_})


def begun(session: Session, **set_: Any) -> Campaign:
    """A campaign, registered by somebody of marketing."""
    by = create_user(session, f"yu{len(campaigns.every(session))}", "小余", "marketing", PASSWORD)
    session.flush()
    return campaigns.add(session, sheet(**set_), by=by.id)


def register(current: Services, **set_: Any) -> int:
    with current.sessions.begin() as session:
        return begun(session, **set_).id
