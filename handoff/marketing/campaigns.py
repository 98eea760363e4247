"""The register of campaigns: begun, changed and ended; never deleted, since messages belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal, services
from bot.clock import now
from bot.errors import Refused
from bot.language import fold
from bot.messages import utf16_units
from handoff.models import Campaign

KINDS = ("campaign", "broadcast")
NAME, KEYWORD, POSTBACK, THANKS = 60, 40, 100, 1000
KEYWORDS = 20
LISTED = 200


@dataclass(frozen=True)
class Sheet:
    """What is set of a campaign."""

    name: str
    kind: str
    keywords: tuple[str, ...]
    postback: str
    thanks: str
    starts_at: datetime | None
    ends_at: datetime | None


def every(session: Session) -> Sequence[Campaign]:
    """The newest, those that run or will run first."""
    over = (Campaign.retired_at.is_not(None)) | (Campaign.ends_at <= now())
    return session.scalars(select(Campaign).order_by(over, Campaign.id.desc()).limit(LISTED)).all()


def add(session: Session, sheet: Sheet, *, by: int) -> Campaign:
    _require_whole(sheet)
    require_sayable(session, sheet.thanks, "thanks")
    campaign = Campaign(**_fields(sheet), made_by=by)
    session.add(campaign)
    session.flush()
    after = _said(campaign)
    journal.write(session, "campaign.created", user_id=by, campaign=campaign.id, name=campaign.name, after=after)
    return campaign


def change(session: Session, campaign: Campaign, sheet: Sheet, *, by: int) -> None:
    """From now on; what came in before stays as it was filed."""
    _require_whole(sheet)
    require_sayable(session, sheet.thanks, "thanks")
    before = _said(campaign)
    for name, value in _fields(sheet).items():
        setattr(campaign, name, value)
    after = _said(campaign)
    journal.changed(session, "campaign.changed", before, after, by=by, campaign=campaign.id, name=campaign.name)


def retire(session: Session, campaign: Campaign, *, retired: bool, by: int) -> None:
    """It runs no more, or again."""
    if bool(campaign.retired_at) != retired:
        campaign.retired_at = now() if retired else None
        kind = "campaign.retired" if retired else "campaign.restored"
        journal.write(session, kind, user_id=by, campaign=campaign.id, name=campaign.name)


def require_sayable(session: Session, text: str, field: str) -> None:
    """Refused where it holds what only colleagues may read."""
    if services.current().wiring.withheld.within(session, [text]):
        raise Refused("裡面有僅供內部的文字，改寫後再送。").at(field)


def _require_whole(sheet: Sheet) -> None:
    if not sheet.name:
        raise Refused("要有名稱。").at("name")
    if sheet.kind not in KINDS:
        raise Refused("選一種類型。").at("kind")
    _require_marks(sheet)
    if not sheet.thanks:
        raise Refused("寫一句感謝，參加的顧客會收到。").at("thanks")
    if utf16_units(sheet.thanks) > THANKS:
        raise Refused("最多 %(most)s 個字。", most=THANKS).at("thanks")
    if sheet.starts_at is None or sheet.ends_at is None:
        raise Refused("開始和結束的時間都要填。").at("starts_at" if sheet.starts_at is None else "ends_at")
    if sheet.ends_at <= sheet.starts_at:
        raise Refused("結束要晚於開始。").at("ends_at")


def _require_marks(sheet: Sheet) -> None:
    """A campaign that nothing leads to has no answers; one keyword that stands in everything has them all."""
    if not sheet.keywords and not sheet.postback:
        raise Refused("至少要有一個關鍵字，或按鈕資料的開頭。").at("keywords")
    if len(sheet.keywords) > KEYWORDS or any(len(word) > KEYWORD for word in sheet.keywords):
        raise Refused("關鍵字最多 %(most)s 個，每個最多 %(longest)s 個字。", most=KEYWORDS, longest=KEYWORD).at(
            "keywords"
        )
    if short := next((word for word in sheet.keywords if len(fold(word)) < 2), None):
        raise Refused("關鍵字「%(word)s」太短，會比中太多訊息。", word=short).at("keywords")


def _fields(sheet: Sheet) -> dict[str, object]:
    return asdict(sheet) | {"keywords": list(dict.fromkeys(sheet.keywords))}


def _said(campaign: Campaign) -> Mapping[str, object]:
    plain = {name: getattr(campaign, name) for name in ("name", "kind", "keywords", "postback", "thanks")}
    window = {"starts_at": campaign.starts_at.isoformat(), "ends_at": campaign.ends_at.isoformat()}
    return plain | window
