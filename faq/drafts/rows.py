"""Checking one row of a file: a draft, or the problems that keep it from being one, each with its mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.messages import LINE_TEXT_UNITS, printable, utf16_units

LIMITS = {"external_id": 60, "category": 40, "intent": 60, "language": 16}
LABEL_LENGTH = 20  # of a LINE quick reply
BUTTONS = 12  # LINE shows 13; one place stays free for 找真人


@dataclass(frozen=True)
class Draft:
    """An article as its author wrote it."""

    row: int
    external_id: str
    question: str
    wordings: list[str]
    category: str = ""
    intent: str = ""
    language: str = "zh-TW"
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Why a row was refused, and what its author can do."""

    row: int
    field: str
    mend: str

    def __str__(self) -> str:
        return f"第 {self.row} 列 {self.field}：{self.mend}"


def check(row: int, cells: Mapping[str, Any]) -> Draft | list[Problem]:
    """The row's draft, or all that is wrong with it."""
    draft = Draft(
        row,
        _text(cells, "external_id"),
        _text(cells, "question"),
        _answers(cells),
        _text(cells, "category"),
        _text(cells, "intent"),
        _text(cells, "language") or "zh-TW",
        tuple(_list(cells.get("buttons"))),
    )
    return [Problem(row, field, mend) for field, mend in _wrong(draft, cells)] or draft


def _wrong(draft: Draft, cells: Mapping[str, Any]) -> list[tuple[str, str]]:
    wrong = [(field, "沒有內容，補上再匯入。") for field in ("external_id", "question") if not getattr(draft, field)]
    wrong += [
        (field, f"超過 {limit} 個字，改短一點。")
        for field, limit in LIMITS.items()
        if len(getattr(draft, field)) > limit
    ]
    if not draft.wordings:
        wrong.append(("answer", "沒有內容，補上要回覆顧客的文字。"))
    if any(utf16_units(wording) > LINE_TEXT_UNITS for wording in draft.wordings):
        wrong.append(("answer", f"超過 {LINE_TEXT_UNITS} 個字，LINE 一則放不下，拆成幾篇。"))
    if any(len(label) > LABEL_LENGTH for label in draft.buttons):
        wrong.append(("buttons", f"按鈕文字超過 {LABEL_LENGTH} 個字，改短一點。"))
    if len(draft.buttons) > BUTTONS:
        wrong.append(("buttons", f"超過 {BUTTONS} 個按鈕，刪掉一些。"))
    if cells.get("extra"):
        wrong.append(("answer", "格子比欄位名稱多。內容有逗號時，用雙引號包起來。"))
    return wrong


def _text(cells: Mapping[str, Any], field: str) -> str:
    value = cells.get(field)
    return "" if value is None else printable(str(value)).strip()


def _answers(cells: Mapping[str, Any]) -> list[str]:
    """Wordings: the list `answers`, or every column that begins with `answer` (answer, answer_2, …)."""
    columns = [name for name in cells if isinstance(name, str) and name.startswith("answer")]
    return [wording for name in columns for wording in _wordings(cells[name])]


def _wordings(value: Any) -> list[str]:
    return _strings(value if isinstance(value, list) else [value])


def _list(value: Any) -> list[str]:
    """A list, or in a cell of a table the parts between bars: 「查訂單|找真人」."""
    return _strings(value if isinstance(value, list) else str(value or "").split("|"))


def _strings(values: list[Any]) -> list[str]:
    cleaned = (printable(str(value)).strip() for value in values if value is not None)
    return [value for value in cleaned if value]
