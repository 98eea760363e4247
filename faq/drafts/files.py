"""Reading YAML and CSV files of articles into rows, each with the number under which its author finds it."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.errors import FrontlineError

Row = tuple[int, Mapping[str, Any]]


class UnreadableFile(FrontlineError):
    """The file as a whole cannot be read; the text says why and what helps."""


def read(path: Path) -> list[Row]:
    """The rows of a .yml, .yaml or .csv file."""
    readers = {".yml": _yaml, ".yaml": _yaml, ".csv": _csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(f"{path.name}：只收 .csv 和 .yml 檔。")
    return reader(path.name, _text(path))


def _text(path: Path) -> str:
    """UTF-8, or what Excel writes in Taiwan."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path.name}：讀不到檔案（{error.strerror}）。") from error
    for encoding in ("utf-8-sig", "cp950"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{path.name}：不是 UTF-8 編碼。另存成「CSV UTF-8」再匯入。")


def _yaml(name: str, text: str) -> list[Row]:
    """A list of entries, at the top or under the key `faq`."""
    try:
        loaded = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark else "內容"
        raise UnreadableFile(f"{name}：{line}不是正確的 YAML，檢查縮排和冒號。") from error
    entries = loaded.get("faq") if isinstance(loaded, dict) else loaded
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnreadableFile(f"{name}：要是清單，每一項寫 external_id、question、answers。")
    return list(enumerate(entries, 1))


def _csv(name: str, text: str) -> list[Row]:
    lines = csv.DictReader(io.StringIO(text, newline=""), restkey="extra")
    if "question" not in (lines.fieldnames or ()):
        raise UnreadableFile(f"{name}：第一列要寫欄位名稱，至少 external_id、question、answer。")
    try:
        return list(enumerate(lines, 2))
    except csv.Error as error:
        raise UnreadableFile(f"{name}：第 {lines.line_num} 行不是正確的 CSV，檢查引號。") from error
