"""The rules that count now, and those that a case was opened under."""

from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot import db, journal, services
from bot.errors import Refused
from handoff import sla
from handoff.hours import OpeningHours
from handoff.models import RuleVersion

log = structlog.get_logger()


def current(session: Session) -> sla.Rules:
    """The newest version, or what is shipped."""
    return of(session, session.scalar(_newest()) or 0)


@cache
def _newest() -> Select[int]:
    """Asked for every new case, so it is built once."""
    return select(RuleVersion.id).order_by(RuleVersion.id.desc()).limit(1)


def of(session: Session, version: int) -> sla.Rules:
    """The rules of a version; 0 is what is shipped. Of one that this release cannot read, the rules before it."""
    settings = services.current().settings
    if not version:
        return sla.shipped(settings.open_hours, settings.zone)
    text = session.get_one(RuleVersion, version).document
    try:
        return _stored(text, version, settings.open_hours, settings.timezone)
    except sla.InvalidRules:  # a newer release wrote it, with words that this one does not know
        log.error("sla.version_unreadable", version=version)
        return of(session, _before(session, version))


def _before(session: Session, version: int) -> int:
    return session.scalar(select(func.max(RuleVersion.id)).where(RuleVersion.id < version)) or 0


def newest(session: Session) -> RuleVersion | None:
    """What supervisors set last, if they ever did."""
    return session.scalar(select(RuleVersion).order_by(RuleVersion.id.desc()).limit(1))


def document(session: Session) -> str:
    """The text of the rules that count now."""
    known = newest(session)
    return known.document if known is not None else sla.SHIPPED.read_text("utf-8")


def read(text: str) -> sla.Rules:
    """Rules that a supervisor wrote, for this shop's hours; InvalidRules names what is wrong."""
    settings = services.current().settings
    return sla.read(text, OpeningHours.parse(settings.open_hours, settings.zone))


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


@lru_cache(maxsize=32)
def _stored(text: str, version: int, open_hours: str, timezone: str) -> sla.Rules:
    zone = ZoneInfo(timezone)
    return sla.stored(text, OpeningHours.parse(open_hours, zone), version)
