"""Articles into a file that can be read in again: YAML as the demo's, or a table, where a list stands between bars.

What was never live nor imported is nobody's yet, and what was taken offline nobody's any more: they stay.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cells import harmless
from faq.articles import Content, cards, live
from faq.articles.cards import Card
from faq.articles.states import RETIRED
from faq.drafts.rows import BAR
from faq.models import Article

Entry = dict[str, Any]


def entries(session: Session) -> list[Entry]:
    """What every article says, internal passages too, in the order in which they came."""
    kept = session.scalars(select(Article).where(Article.version > 0, Article.state != RETIRED).order_by(Article.id))
    return [_entry(article.external_id, live(article)) for article in kept]


def as_yaml(found: Sequence[Entry]) -> str:
    return yaml.safe_dump({"faq": list(found)}, allow_unicode=True, sort_keys=False, width=120)


def as_csv(found: Sequence[Entry]) -> str:
    """A byte order mark comes first, so that a spreadsheet takes it for UTF-8."""
    rows = [{name: harmless(text) for name, text in _cells(entry)} for entry in found]
    names = dict.fromkeys(("external_id", "question", "answer", *(name for row in rows for name in row)))
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + table.getvalue()


def _entry(external_id: str, content: Content) -> Entry:
    """Only fields that say something."""
    said = content.as_json()
    for apart in ("passages", "card", "more_pictures"):
        said.pop(apart)
    fields = {"external_id": external_id, **said, "answers": said.pop("wordings"), **_told(content)}
    fields |= {"picture": list(content.pictures) if content.more_pictures else content.picture}
    fields |= _drawn(content)
    return {name: value for name, value in fields.items() if value}


def _told(content: Content) -> Entry:
    """Its passages: in their order, where some for customers follow others for colleagues."""
    page = [passage.text for passage in content.passages if not passage.internal]
    if sorted(content.passages, key=lambda passage: passage.internal) == list(content.passages):
        return {"page": page, "internal": list(content.internal)}
    return {"passages": [asdict(passage) for passage in content.passages]}


def _drawn(content: Content) -> Entry:
    """Its card, if it has one."""
    card = content.card or Card()
    told = {"card_title": card.title, "card_text": card.words, "card_picture": card.picture}
    return {**told, "card_buttons": list(map(cards.line, card.ways))}


def _cells(entry: Entry) -> Iterator[tuple[str, str]]:
    for name, value in entry.items():
        if name == "answers":
            yield from (("answer" if at == 1 else f"answer_{at}", text) for at, text in enumerate(value, 1))
        elif name in ("page", "internal"):
            yield name, "\n\n".join(value)
        elif name == "passages":
            for column, internal in (("page", False), ("internal", True)):
                yield column, "\n\n".join(one["text"] for one in value if one["internal"] is internal)
        else:
            yield name, BAR.join(map(_part, value)) if isinstance(value, list) else value


def _part(text: str) -> str:
    """A part of a list, which may have bars and backslashes of its own."""
    return re.sub(r"[|\\]", r"\\\g<0>", text)
