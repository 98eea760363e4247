"""The rules that count now, and those that a case was opened under."""

from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot import db, journal, services
from bot.errors import Refused
from bot.settings import Settings
from handoff import sla
from handoff.hours import OpeningHours
from handoff.models import RuleVersion


def current(session: Session) -> sla.Rules:
    """The newest version, or what is shipped."""
    return of(session, session.scalar(_newest()) or 0)


@cache
def _newest() -> Select[int]:
    """Asked for every new case, so it is built once."""
    return select(RuleVersion.id).order_by(RuleVersion.id.desc()).limit(1)


def of(session: Session, version: int) -> sla.Rules:
    """The rules of a version; 0 is what is shipped."""
    settings = services.current().settings
    if not version:
        return sla.shipped(settings.open_hours, settings.zone)
    return _read(session.get_one(RuleVersion, version).document, version, settings)


def newest(session: Session) -> RuleVersion | None:
    """What supervisors set last, if they ever did."""
    return session.scalar(select(RuleVersion).order_by(RuleVersion.id.desc()).limit(1))


def document(session: Session) -> str:
    """The text of the rules that count now."""
    known = newest(session)
    return known.document if known is not None else sla.SHIPPED.read_text("utf-8")


def read(text: str) -> sla.Rules:
    """Rules that a supervisor wrote, for this shop's hours; InvalidRules names what is wrong."""
    return _read(text, 0, services.current().settings)


def publish(session: Session, text: str, user_id: int | None, note: str = "", based_on: int | None = None) -> int:
    """Have these rules count for every case that is opened from now on; the number of their version.

    Refused when somebody changed the rules since the version that this one is `based_on`.
    """
    read(text)
    db.alone(session)
    last = newest(session)
    if based_on is not None and based_on != (last.id if last is not None else 0):
        raise Refused("別人剛剛改過規則，請看過最新的內容再儲存。")
    version = RuleVersion(document=text, user_id=user_id, note=note.strip()[:200])
    session.add(version)
    session.flush()
    journal.write(session, "sla.published", user_id=user_id, version=version.id)
    return version.id


def _read(text: str, version: int, settings: Settings) -> sla.Rules:
    return _parsed(text, version, settings.open_hours, settings.timezone)


@lru_cache(maxsize=32)
def _parsed(text: str, version: int, open_hours: str, timezone: str) -> sla.Rules:
    zone = ZoneInfo(timezone)
    return sla.read(text, OpeningHours.parse(open_hours, zone), version)
