"""The picture of a rich menu: as LINE takes it, or refused with the reason. Its bytes are kept as they came."""

import io
import uuid
import warnings
from typing import IO, NamedTuple

import structlog
from PIL import Image

from bot import attachments
from bot.errors import Refused
from bot.settings import Settings

BYTES = 1_000_000
WIDTHS = range(800, 2501)
LOWEST = 250
LEAST_RATIO = 1.45
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png"}

log = structlog.get_logger()


class Kept(NamedTuple):
    """A picture in the store."""

    key: str
    mime: str
    width: int
    height: int


def take_in(settings: Settings, file: IO[bytes]) -> Kept:
    """Keep a picture; Refused where LINE would not take it."""
    data = file.read(BYTES + 1)
    if len(data) > BYTES:
        raise Refused("圖片太大，LINE 的上限是 1 MB。").at("picture")
    mime, width, height = _looked_at(data)
    if width not in WIDTHS or height < LOWEST or width / height < LEAST_RATIO:
        raise Refused(
            "圖片的寬要 800 到 2500、高至少 250，寬至少是高的 1.45 倍；這張是 %(width)s × %(height)s。",
            width=width,
            height=height,
        ).at("picture")
    key = str(uuid.uuid4())
    try:
        attachments.store(settings).put(key, io.BytesIO(data))
    except OSError as error:
        log.error("menu.picture_not_kept", error=type(error).__name__, errno=error.errno)
        raise Refused("現在沒有地方存放檔案，請稍後再試。").at("picture") from error
    return Kept(key, mime, width, height)


def _looked_at(data: bytes) -> tuple[str, int, int]:
    """Its type and size, by its first bytes; nothing is unpacked."""
    try:
        with warnings.catch_warnings(action="error"), Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as image:
            return FORMATS[str(image.format)], image.width, image.height
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise Refused("這個檔案不是 JPEG 或 PNG 圖片。").at("picture") from None
