"""The one table of what Meta's refusals mean: sent or not, and whether trying again can help.

The first row that fits counts. The status is a poor guide: code and subcode decide, and where Meta gives none nobody
knows. There is no quota of a month here, so what is over a limit waits and goes on. What is ours to mend (a token, a
right) is tried again, so that it goes out once it is mended.
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.channels.values import object_of
from bot.errors import PermanentSendError, SendError, TemporarySendError, UnknownOutcome

ANY: frozenset[int] = frozenset()
MINUTE, HOURLY = 60.0, 600.0


@dataclass(frozen=True)
class Failure:
    """A row: the codes, the subcodes (none named: all), what it means, how long to stay away; `ours` to mend."""

    codes: frozenset[int]
    subcodes: frozenset[int]
    kind: type[SendError]
    reason: str
    pause: float | None = None
    ours: bool = False

    def fits(self, code: int, subcode: int) -> bool:
        return code in self.codes and (not self.subcodes or subcode in self.subcodes)


def _codes(*those: int) -> frozenset[int]:
    return frozenset(those)


WINDOW = "the customer has been silent for too long"
GONE, LATER, UNCLEAR = PermanentSendError, TemporarySendError, UnknownOutcome
TABLE = (
    Failure(_codes(10), _codes(2018278, 2018065, 2534022), GONE, WINDOW),
    Failure(_codes(10), _codes(2018300), GONE, "another app holds this conversation"),
    Failure(_codes(10), _codes(1893063), LATER, "Meta has restricted our Page", HOURLY, ours=True),
    Failure(_codes(100), _codes(2018001), GONE, "Meta knows no such customer"),
    Failure(_codes(200), _codes(1545041, 2018108), GONE, "the customer takes no messages from us"),
    Failure(_codes(551), ANY, GONE, "the customer takes no messages from us"),
    Failure(_codes(102, 190, 463, 467), ANY, LATER, "Meta does not accept our access token", ours=True),
    Failure(_codes(3, 10, 200), ANY, LATER, "our app lacks a right at Meta", ours=True),
    Failure(_codes(4, 17, 32, 613), ANY, LATER, "Meta's rate limit is reached", MINUTE),
    Failure(_codes(80001, 80002, 80006), ANY, LATER, "Meta's rate limit is reached", HOURLY),
    Failure(_codes(2, 1200), ANY, LATER, "Meta could not send it for the moment"),
    Failure(_codes(368), ANY, GONE, "Meta holds it for abusive"),
    Failure(_codes(1), ANY, UNCLEAR, "Meta failed and does not say how far it came"),
)
REFUSED = 401  # as the status of what is ours to mend: Graph's own tells nothing


def refusal(status: int, body: bytes) -> SendError:
    """What an error answer of Graph means."""
    code, subcode = codes(body)
    row = next((row for row in TABLE if row.fits(code, subcode)), None)
    if row is not None:
        seen = REFUSED if row.ours else status
        return row.kind(f"{row.reason} ({code}/{subcode})", status=seen, retry_after=row.pause)
    if code and 400 <= status < 500:
        return PermanentSendError(f"Meta refused the message ({code}/{subcode})", status=status)
    return UnknownOutcome(f"Meta gave no clear answer ({status})", status=status)


def codes(body: bytes) -> tuple[int, int]:
    """Code and subcode of an error; zeros where there is none."""
    try:
        error = object_of(object_of(json.loads(body)).get("error"))
    except (ValueError, RecursionError):
        return 0, 0
    return _whole(error.get("code")), _whole(error.get("error_subcode"))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
