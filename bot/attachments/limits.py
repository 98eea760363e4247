"""What a channel takes from us, and how: one table a channel. The first row that knows a file's type counts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bot.attachments.looking import Look
from bot.errors import Refused

How = Literal["image", "video", "link"]
MEGABYTE = 1_000_000
ANY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Way:
    """Files of these types (none named: all) go out like this, up to so many bytes."""

    how: How
    types: Collection[str]
    most: int


WAYS = {
    "line": (
        Way("image", ("image/jpeg", "image/png"), 10 * MEGABYTE),
        Way("video", ("video/mp4",), 200 * MEGABYTE),
        Way("link", ANY, 100 * MEGABYTE),
    ),
    "messenger": (
        Way("image", ("image/jpeg", "image/png", "image/gif"), 25 * MEGABYTE),
        Way("video", ("video/mp4",), 25 * MEGABYTE),
        Way("link", ANY, 100 * MEGABYTE),
    ),
    "instagram": (
        Way("image", ("image/jpeg", "image/png"), 8 * MEGABYTE),
        Way("video", ("video/mp4",), 25 * MEGABYTE),
        Way("link", ANY, 100 * MEGABYTE),
    ),
}


def way(channel: str, seen: Look, size: int) -> How:
    """How a file goes out; Refused where the channel takes none, or none so large."""
    if channel not in WAYS:
        raise Refused("這個管道不能傳檔案。")
    if not size:
        raise Refused("這個檔案是空的。")
    found = next(way for way in WAYS[channel] if not way.types or seen.type in way.types)
    if size > found.most:
        raise Refused("檔案太大：這種檔案的上限是 %(limit)d MB。", limit=found.most // MEGABYTE)
    return found.how
