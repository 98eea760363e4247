"""Reading YAML and CSV files of articles into rows, each with the number under which its author finds it."""

import csv
import io
from pathlib import Path
from typing import Any

import yaml

from bot import cells, handed_in
from bot.handed_in import UnreadableFile

Row = tuple[int, Any]
"""Its number, and its fields by name, or whatever else stands there."""


def read(path: Path) -> list[Row]:
    """The rows of a .yml, .yaml or .csv file."""
    readers = {".yml": _yaml, ".yaml": _yaml, ".csv": _csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile("%(file)s：只收 .csv 和 .yml 檔。", file=path.name)
    return reader(path.name, handed_in.text(path))


def _yaml(name: str, text: str) -> list[Row]:
    """A list of entries, at the top or under the key `faq`."""
    try:
        loaded = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise UnreadableFile("%(file)s：內容不是正確的 YAML，檢查縮排和冒號。", file=name) from error
        raise UnreadableFile(
            "%(file)s：第 %(line)s 行不是正確的 YAML，檢查縮排和冒號。", file=name, line=mark.line + 1
        ) from error
    entries = loaded.get("faq") if isinstance(loaded, dict) else loaded
    if not isinstance(entries, list) or (entries and not any(isinstance(entry, dict) for entry in entries)):
        raise UnreadableFile("%(file)s：要是清單，每一項寫 external_id、question、answers。", file=name)
    return list(enumerate(entries, 1))


def _csv(name: str, text: str) -> list[Row]:
    lines = csv.DictReader(io.StringIO(text, newline=""), restkey="extra")
    columns = list(lines.fieldnames or ())
    if "question" not in columns:
        raise UnreadableFile("%(file)s：第一列要寫欄位名稱，至少 external_id、question、answer。", file=name)
    if twice := next((column for column in columns if column and columns.count(column) > 1), ""):
        raise UnreadableFile("%(file)s：有兩欄都叫「%(column)s」，改成不同的名稱。", file=name, column=twice)
    try:
        return [(number, dict(map(_cell, line.items()))) for number, line in enumerate(lines, 2)]
    except csv.Error as error:
        raise UnreadableFile(
            "%(file)s：第 %(line)s 行不是正確的 CSV，檢查引號。", file=name, line=lines.line_num
        ) from error


def _cell(named: tuple[str, Any]) -> tuple[str, Any]:
    """One cell; those beyond the columns, and missing ones, as they are."""
    name, value = named
    return name, cells.meant(value) if isinstance(value, str) else value
