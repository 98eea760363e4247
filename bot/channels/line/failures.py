"""The one table of what LINE's refusals mean: sent or not, and whether trying again can help.

The first row that fits counts. What may have gone out is never called failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.calling import retry_after
from bot.errors import (
    PermanentSendError,
    QuotaReached,
    ReplyTokenRefused,
    SendError,
    TemporarySendError,
    UnknownOutcome,
)

REPLY, PUSH, ANY = ("reply",), ("push",), ("reply", "push")


@dataclass(frozen=True)
class Failure:
    """A row: the statuses, a piece of what the body says, the ways it is said on, and what it means."""

    statuses: range
    says: str
    via: tuple[str, ...]
    kind: type[SendError]
    reason: str

    def fits(self, status: int, body: str, via: str) -> bool:
        return status in self.statuses and self.says in body and via in self.via


def _only(status: int) -> range:
    return range(status, status + 1)


TABLE = (
    Failure(_only(400), "Invalid reply token", REPLY, ReplyTokenRefused, "LINE refused the reply token"),
    Failure(_only(401), "", ANY, TemporarySendError, "LINE does not accept our access token"),
    Failure(_only(403), "", ANY, TemporarySendError, "LINE does not accept our access token"),
    Failure(_only(408), "", ANY, UnknownOutcome, "LINE waited for too long"),
    Failure(_only(429), "monthly limit", PUSH, QuotaReached, "the pushes of this month are used up"),
    Failure(_only(429), "", ANY, TemporarySendError, "LINE's rate limit is reached"),
    Failure(range(400, 500), "", ANY, PermanentSendError, "LINE refused the message"),
    Failure(range(1000), "", ANY, UnknownOutcome, "LINE gave no clear answer"),
)


def refusal(status: int, body: str, via: str, headers: Mapping[str, str]) -> SendError:
    """What an error answer of LINE means."""
    row = next(row for row in TABLE if row.fits(status, body, via))
    return row.kind(f"{row.reason} ({status})", status=status, retry_after=retry_after(headers))
