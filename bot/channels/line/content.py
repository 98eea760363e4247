"""Files that customers sent, streamed from LINE's content API. The SDK would hold a whole video in memory."""

import contextlib
from typing import IO
from urllib.parse import quote

import structlog
import urllib3
from urllib3.exceptions import HTTPError

from bot.channels.calling import FILE_TIMEOUT, ONCE, pour, retry_after
from bot.errors import FileAway, FileError, FileGone

READY, PREPARING = 200, 202
NEVER = (400, 404, 410, 415)
NOT_AUTHORISED = (401, 403)

log = structlog.get_logger()


def connect() -> urllib3.PoolManager:
    """Connections of this process, shared between threads."""
    return urllib3.PoolManager(timeout=FILE_TIMEOUT, retries=ONCE)


def fetch(http: urllib3.PoolManager, base: str, token: str, message_id: str, into: IO[bytes], limit: int) -> bool:
    """Write what a message brought `into`; False: LINE is still preparing it."""
    address = f"{base.rstrip('/')}/v2/bot/message/{quote(message_id, safe='')}/content"
    try:
        answer = http.request("GET", address, headers={"Authorization": f"Bearer {token}"}, preload_content=False)
        with contextlib.closing(answer):  # also where it is left half read
            return _taken(answer, into, limit)
    except HTTPError as error:
        raise FileAway(f"no clear answer from LINE ({type(error).__name__})") from error


def _taken(answer: urllib3.BaseHTTPResponse, into: IO[bytes], limit: int) -> bool:
    if answer.status == PREPARING:
        return False
    if answer.status != READY:
        raise _refusal(answer)
    pour(answer, into, limit)
    return True


def _refusal(answer: urllib3.BaseHTTPResponse) -> FileError:
    if answer.status in NEVER:
        return FileGone(f"LINE does not have it ({answer.status})")
    if answer.status in NOT_AUTHORISED:  # ours to mend, and then it can be had
        log.error("line.not_authorised", status=answer.status)
    return FileAway(f"LINE did not give it ({answer.status})", retry_after=retry_after(answer.headers))
