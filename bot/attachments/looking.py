"""What a file is: its first bytes say so, whatever it is called and whoever says what it is."""

from dataclasses import dataclass
from typing import IO

import filetype

from bot.attachments import pictures

HEAD = 8192  # bytes in which every kind that we know shows itself
UNKNOWN = "application/octet-stream"
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
VIDEOS = frozenset({"video/mp4", "video/quicktime", "video/webm", "video/3gpp"})
SOUNDS = frozenset({"audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-wav", "audio/aac", "audio/amr"})
PAPERS = frozenset(
    {
        "application/pdf",
        "application/zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    }
)
PROGRAMS = frozenset(
    {
        "application/x-msdownload",
        "application/x-executable",
        "application/x-deb",
        "application/x-rpm",
        "application/x-google-chrome-extension",
        "application/x-shockwave-flash",
    }
)


class Unkept(Exception):
    """We do not keep such a file; `reason` is the word for it in a row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Look:
    """What to serve a file as, how pages show it (image, video, audio, file or unknown), and its small copy."""

    type: str = UNKNOWN
    shown: str = "unknown"
    picture: pictures.Picture | None = None


def look(file: IO[bytes]) -> Look:
    """Unkept for programs, and for pictures that would unpack to a flood."""
    kind = _sniffed(file)
    if kind in PROGRAMS:
        raise Unkept("program")
    if kind in IMAGES:
        return _image(file, kind)
    for kinds, shown in ((VIDEOS, "video"), (SOUNDS, "audio"), (PAPERS, "file")):
        if kind in kinds:
            return Look(kind, shown)
    return Look()


def _sniffed(file: IO[bytes]) -> str:
    file.seek(0)
    guessed = filetype.guess(file.read(HEAD))
    return str(guessed.mime) if guessed else ""


def _image(file: IO[bytes], kind: str) -> Look:
    """One that cannot be read is shown like any file that nobody knows."""
    try:
        picture = pictures.small(file)
    except pictures.TooManyPixels:
        raise Unkept("pixels") from None
    return Look(kind, "image", picture) if picture else Look()
