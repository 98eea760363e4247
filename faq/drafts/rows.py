"""Checking one row of a file: a draft, or the problems that keep it from being one, each with its mend."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.errors import Refused
from bot.messages import printable
from faq.articles import Content, Passage, cards, checks
from faq.articles.cards import Card
from faq.articles.content import CUSTOMERS

LONGEST_ID = 60
ANSWER = re.compile(r"answers?[ _]?\d*")
PASSAGE = {"text", "internal"}
BAR = "|"
PART = re.compile(r"(?:^|\|)((?:\\[|\\]|[^|])*)")  # a bar with a backslash before it is the part's own
OWN = re.compile(r"\\([|\\])")


@dataclass(frozen=True)
class Draft:
    """An article as its author wrote it; `placed`, where he says in which order its passages stand."""

    row: int
    external_id: str
    content: Content
    placed: bool = False


@dataclass(frozen=True)
class Problem:
    """Why a row was refused, and what its author can do."""

    row: int
    refused: Refused

    @property
    def field(self) -> str:
        return self.refused.field

    def __str__(self) -> str:
        return f"第 {self.row} 列 {self.field}：{self.refused}"


def check(row: int, cells: Any) -> Draft | list[Problem]:
    """The row's draft, or all that is wrong with it."""
    if not isinstance(cells, Mapping):
        named = Refused("這一項沒有欄位名稱，寫成 external_id: …、question: …、answers: …。")
        return [Problem(row, named.at("external_id"))]
    external_id = _text(cells, "external_id")
    dates, wrong = _dates(cells)
    shown = iter(_list(cells.get("picture")))
    content = Content(
        question=_text(cells, "question"),
        category=_text(cells, "category"),
        intent=_text(cells, "intent"),
        language=_text(cells, "language") or "zh-TW",
        wordings=tuple(_answers(cells)),
        buttons=tuple(_list(cells.get("buttons"))),
        passages=tuple(_passages(cells)),
        tags=tuple(_list(cells.get("tags"))),
        tiers=tuple(_list(cells.get("tiers"))),
        picture=next(shown, ""),
        more_pictures=tuple(shown),
        video=_text(cells, "video"),
        card=_card(cells),
        tree=_text(cells, "tree"),
        tree_for=CUSTOMERS if _text(cells, "tree_for") == CUSTOMERS else "",
        **dates,
    )
    faults = (one.refused for one in checks.faults(content, columns=True))
    wrong = [*_unnamed(external_id), *wrong, *_unknown(cells), *faults]
    if cells.get("extra"):
        wrong.append(Refused("格子比欄位名稱多。內容有逗號時，用雙引號包起來。").at("answer"))
    return [Problem(row, refused) for refused in wrong] or Draft(
        row, external_id, content, placed=bool(cells.get("passages"))
    )


def _unnamed(external_id: str) -> Iterator[Refused]:
    if not external_id:
        yield Refused("沒有內容，補上再匯入。").at("external_id")
    if len(external_id) > LONGEST_ID:
        yield Refused("超過 %(limit)s 個字，改短一點。", limit=LONGEST_ID).at("external_id")


def _dates(cells: Mapping[str, Any]) -> tuple[dict[str, date], list[Refused]]:
    """The days of its validity, and those that are none."""
    found: dict[str, date] = {}
    wrong: list[Refused] = []
    for field in ("valid_from", "valid_until"):
        given = _text(cells, field)
        try:
            found |= {field: date.fromisoformat(given)} if given else {}
        except ValueError:
            wrong.append(Refused("「%(given)s」不是日期，寫成 2026-12-31。", given=given).at(field))
    return found, wrong


def _unknown(cells: Mapping[str, Any]) -> Iterator[Refused]:
    """What is misspelt where that would lose an answer or change for whom a text is."""
    said = _text(cells, "tree_for")
    if said not in ("", CUSTOMERS):
        yield Refused("「%(said)s」不認得：給顧客走寫 customers，只給客服走就留空。", said=said).at("tree_for")
    for name in cells:
        if isinstance(name, str) and name.strip().lower().startswith("answer") and not ANSWER.fullmatch(name):
            yield Refused(
                "欄位「%(name)s」不認得：另一種說法寫 answer_2、answer_3，不是答案的換個名稱。", name=name
            ).at("answer")
    for one in _entries(cells.get("passages")):
        strange = next((name for name in one if name not in PASSAGE), "")
        if strange or not isinstance(one.get("internal", False), bool):
            yield Refused(
                "「%(name)s」不認得：一段只寫 text，和 internal: true 或 false。", name=strange or one["internal"]
            ).at("passages")


def _passages(cells: Mapping[str, Any]) -> Iterator[Passage]:
    """The long page for customers, and what is for colleagues only: `passages` in their order, or each apart; in a
    table each is a column of its own."""
    for one in _entries(cells.get("passages")):
        yield from (Passage(text, internal=bool(one.get("internal"))) for text in _wordings(one.get("text")))
    yield from (Passage(text) for text in _wordings(cells.get("page")))
    yield from (Passage(text, internal=True) for text in _wordings(cells.get("internal")))


def _entries(value: Any) -> list[Mapping[str, Any]]:
    """Those of a list; what is written as a text alone is for customers."""
    listed = value if isinstance(value, list) else [value]
    return [one if isinstance(one, Mapping) else {"text": one} for one in listed]


def _card(cells: Mapping[str, Any]) -> Card | None:
    """Of the columns `card_title`, `card_text`, `card_picture` and `card_buttons`; none, where all are empty."""
    title, words, picture = (_text(cells, f"card_{part}") for part in ("title", "text", "picture"))
    drawn = Card(title, words, picture, tuple(map(cards.way, _list(cells.get("card_buttons")))))
    return drawn if drawn != Card() else None


def _text(cells: Mapping[str, Any], field: str) -> str:
    value = cells.get(field)
    return "" if value is None else printable(str(value)).strip()


def _answers(cells: Mapping[str, Any]) -> list[str]:
    """Wordings: the list `answers`, or the columns answer, answer_2, …"""
    columns = [name for name in cells if isinstance(name, str) and ANSWER.fullmatch(name)]
    return [wording for name in columns for wording in _wordings(cells[name])]


def _wordings(value: Any) -> list[str]:
    return _strings(value if isinstance(value, list) else [value])


def _list(value: Any) -> list[str]:
    """A list, or in a cell of a table the parts between bars: 「查訂單|找真人」."""
    if isinstance(value, list):
        return _strings(value)
    return _strings([OWN.sub(r"\1", part) for part in PART.findall(str(value or ""))])


def _strings(values: list[Any]) -> list[str]:
    cleaned = (printable(str(value)).strip() for value in values if value is not None)
    return [value for value in cleaned if value]
