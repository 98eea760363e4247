"""What every platform's calls have in common: how one breaks off, when to come back, and how a file is taken."""

from collections.abc import Mapping
from typing import IO

import urllib3
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, NewConnectionError, ProxyError

from bot.errors import FileTooLarge, SendError, TemporarySendError, UnknownOutcome

FILE_TIMEOUT = urllib3.Timeout(connect=2.0, read=20.0)
ONCE = urllib3.Retry(0, redirect=0)  # rows are tried again, not calls
PIECE = 1 << 16
NOT_CONNECTED = (NewConnectionError, ConnectTimeoutError, ProxyError)


def broken_off(platform: str, error: Exception) -> SendError:
    """Without a connection nothing was sent; after that, nobody knows."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, NOT_CONNECTED):
        return TemporarySendError(f"{platform} is not reachable ({type(cause).__name__})")
    return UnknownOutcome(f"no clear answer from {platform} ({type(cause).__name__})")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from now: the header holds a number or a date. What is neither tells nothing."""
    try:
        return float(urllib3.Retry().parse_retry_after(headers["Retry-After"]))
    except (KeyError, ValueError, OverflowError, InvalidHeader):
        return None


def pour(answer: urllib3.BaseHTTPResponse, into: IO[bytes], limit: int) -> None:
    """Write a file `into`, piece by piece: a video is never held in memory. FileTooLarge beyond `limit` bytes."""
    if (answer.length_remaining or 0) > limit:
        raise FileTooLarge("the platform says that it is larger than we keep")
    size = 0
    for piece in answer.stream(PIECE):
        size += len(piece)
        if size > limit:
            raise FileTooLarge("it is larger than we keep")
        into.write(piece)
