"""Files that people hand in: their text, whatever their table program made of it, or what helps."""

from pathlib import Path

from bot.errors import Refused


class UnreadableFile(Refused):
    """The file as a whole cannot be read; the sentence says why and what helps."""


def text(path: Path) -> str:
    """UTF-8, or what Excel writes in Taiwan."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile("%(file)s：讀不到檔案（%(why)s）。", file=path.name, why=error.strerror) from error
    for encoding in ("utf-8-sig", "cp950"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("%(file)s：不是 UTF-8 編碼。另存成「CSV UTF-8」再匯入。", file=path.name)
