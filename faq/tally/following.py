"""From the journal to `bot_turns`, a little each second: turns themselves write nothing for the report.

Only entries older than ten seconds are read. By then all of them are committed, in whatever order they got their
ids, so the cursor needs to know no more than the last one. What an outage of the ticker leaves is read afterwards.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, disk, people
from bot.clock import now
from bot.models import JournalEntry
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.models import TallyCursor
from faq.tally.reading import KINDS, Reading

SETTLED = timedelta(seconds=10)  # no transaction takes longer
LIMIT = 300  # entries a look: on SQLite all who write wait for it
FAR = 500  # entries that concern nobody, after which the cursor moves all the same
CURSOR = 1


@every(1)
def follow(current: Services) -> None:
    """Most of the time nothing is new, and then nothing is written."""
    with db.reading(current.sessions) as session:
        known = session.get(TallyCursor, CURSOR)
        after, floor = known.entry_id if known else 0, _floor(session)
        idle = floor - after < FAR and not _new(session, after, floor, limit=1)
    if not idle:
        transact(current.sessions, partial(_advance, zone=current.settings.zone))


def _advance(session: Session, zone: ZoneInfo) -> None:
    disk.fleeting(session)  # the cursor and what it tells of are lost together, and read again
    people.insert_missing(session, TallyCursor, {"id": CURSOR, "entry_id": 0})
    held = select(TallyCursor).with_for_update().execution_options(populate_existing=True)
    cursor, floor, reading = session.scalars(held).one(), _floor(session), Reading(session, zone)
    entries = _new(session, cursor.entry_id, floor, LIMIT)
    for entry in entries:
        reading.take(entry)
    cursor.entry_id = entries[-1].id if len(entries) == LIMIT else max(cursor.entry_id, floor)


def _floor(session: Session) -> int:
    """The id up to which everything was committed by now."""
    settled = select(JournalEntry.id).where(JournalEntry.at < now() - SETTLED)
    return session.scalar(settled.order_by(JournalEntry.id.desc()).limit(1)) or 0


def _new(session: Session, after: int, floor: int, limit: int) -> Sequence[JournalEntry]:
    between = (JournalEntry.id > after, JournalEntry.id <= floor, JournalEntry.kind.in_(KINDS))
    return session.scalars(select(JournalEntry).where(*between).order_by(JournalEntry.id).limit(limit)).all()
