"""The work on one file: fetched from its platform, looked at, kept; or removed. A job, with no transaction open."""

import errno
import io
import tempfile
from typing import IO

import structlog
from prometheus_client import Counter

from bot import services
from bot.attachments import rows, storing
from bot.attachments.looking import Look, Unkept, look
from bot.attachments.rows import Claim
from bot.errors import FileAway, FileGone, FileTooLarge
from bot.services import Services
from bot.transactions import transact

MEGABYTE = 1_000_000

log = structlog.get_logger()
outcomes = Counter("frontline_attachments_total", "Tries to get a customer's file, by how they ended", ["outcome"])


def tend(attachment_id: int) -> None:
    """Do what is due about a file, if nobody else is at it."""
    current = services.current()
    claim = transact(current.sessions, lambda session: rows.claim(session, attachment_id))
    if claim is None:
        return
    if claim.leaving:
        storing.store(current.settings).remove(*claim.names)
        transact(current.sessions, lambda session: rows.removed(session, claim))
    else:
        _fetch(current, claim)


def _fetch(current: Services, claim: Claim) -> None:
    """Whatever stands against it ends in a state that staff see."""
    try:
        with tempfile.TemporaryFile(dir=current.settings.data) as file:  # it has no name, so nothing of it can remain
            if _content(current, claim, file):
                _keep(current, claim, file)
            else:
                _later(current, claim, "preparing", "preparing")
    except FileGone:
        _never(current, claim, "gone")
    except FileTooLarge:
        _never(current, claim, "too_large")
    except Unkept as unkept:
        _never(current, claim, unkept.reason)
    except FileAway as away:
        _later(current, claim, "queued", "away", away.retry_after)
    except OSError as error:  # of our own disk or store
        log.error("attachment.not_kept", attachment_id=claim.id, error=type(error).__name__, errno=error.errno)
        _later(current, claim, "queued", "no_room" if error.errno == errno.ENOSPC else "store")


def _content(current: Services, claim: Claim, file: IO[bytes]) -> bool:
    channel = current.wiring.channels[claim.channel]
    return channel.content(claim.account, claim.file, file, current.settings.attachment_mb * MEGABYTE)


def _keep(current: Services, claim: Claim, file: IO[bytes]) -> None:
    """First the file, then the word that it is there. Whoever took it back meanwhile has it removed."""
    seen, size = look(file), file.seek(0, io.SEEK_END)
    keep(storing.store(current.settings), claim.key, file, seen)
    if transact(current.sessions, lambda session: rows.stored(session, claim, seen, size)):
        outcomes.labels("stored").inc()
    else:
        log.info("attachment.superseded", attachment_id=claim.id)


def keep(store: storing.Store, key: str, file: IO[bytes], seen: Look) -> None:
    """Put a file, and the small copy of a picture, into the store."""
    store.put(key, file)
    if seen.picture is not None:
        store.put(rows.small_copy(key), io.BytesIO(seen.picture.jpeg))


def _never(current: Services, claim: Claim, reason: str) -> None:
    log.info("attachment.refused", attachment_id=claim.id, reason=reason)
    outcomes.labels("refused").inc()
    transact(current.sessions, lambda session: rows.refused(session, claim, reason))


def _later(current: Services, claim: Claim, state: str, reason: str, retry_after: float | None = None) -> None:
    log.info("attachment.postponed", attachment_id=claim.id, reason=reason, attempts=claim.attempts)
    outcomes.labels("postponed").inc()
    transact(current.sessions, lambda session: rows.postponed(session, claim, state, reason, retry_after))
