"""Addresses that let whoever has them read one file for a while: signed, and no session is asked for or made.

An address stays the same for an hour, so that a page that is drawn again shows what its browser has already.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from itsdangerous import BadSignature, URLSafeSerializer

from bot.auth.keys import secret_key
from bot.clock import now
from bot.settings import Settings

HOUR = 3600
ON_A_PAGE = timedelta(hours=2)  # staff: as long as a page may stand open without being drawn again
ON_A_PHONE = timedelta(days=30)  # customers and their platform
WHOLE, SMALL = "whole", "small"


@dataclass(frozen=True)
class Grant:
    """What an address lets one read: a file by its id, or the small copy of it."""

    id: int
    copy: str


def signed(settings: Settings, id: int, copy: str = WHOLE, lasts: timedelta = ON_A_PAGE) -> str:
    """The last part of such an address."""
    until = math.ceil((now() + lasts).timestamp() / HOUR) * HOUR
    return str(_signer(secret_key(settings)).dumps([id, copy, until]))


def read(settings: Settings, signature: str) -> Grant | None:
    """None where nobody signed it, or its time is over."""
    try:
        id_, copy, until = _signer(secret_key(settings)).loads(signature)
    except (BadSignature, ValueError, TypeError):
        return None
    return Grant(id_, copy) if now().timestamp() < until else None


@lru_cache(maxsize=2)
def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="files of messages")
