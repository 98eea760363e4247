"""What somebody wrote into the editor, as the content that it means."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request

from bot.messages import printable
from faq.articles import Content, Passage
from faq.articles.cards import KINDS, TREE, Card, Way
from faq.articles.content import CUSTOMERS
from faq.articles.drafting import Sheet

LONGEST = 20_000
PARTS = re.compile(r"[\n|]+")  # as files have it; signs of writing may be within one
INTERNAL = "internal"
SHEET = re.compile(r"[0-9a-f]{16}\.[0-9]{1,9}")
PUT_BACK = 8  # pages whose words are on this one, as frontend/src/articles.js has it


def content() -> Content:
    """The editor's fields; what is no date counts as none."""
    form = request.form
    chosen = filter(None, map(_clean, form.getlist("picture")))
    audiences = form.getlist("audience")
    passages = (
        Passage(text, internal=audiences[at : at + 1] == [INTERNAL])
        for at, text in enumerate(map(_clean, form.getlist("passage")))
        if text
    )
    return Content(
        question=" ".join(_clean(form.get("question", "")).split()),
        category=_clean(form.get("category", "")),
        intent=_clean(form.get("intent", "")),
        language=_clean(form.get("language", "")) or "zh-TW",
        wordings=tuple(filter(None, map(_clean, form.getlist("wording")))),
        buttons=_parts("buttons"),
        passages=tuple(passages),
        tags=_parts("tags"),
        tiers=_parts("tiers"),
        picture=next(chosen, ""),
        more_pictures=tuple(chosen),
        video=_clean(form.get("video", "")),
        card=_card(),
        tree=_clean(form.get("tree", "")),
        tree_for=CUSTOMERS if form.get("tree_for") == CUSTOMERS else "",
        valid_from=day("valid_from"),
        valid_until=day("valid_until"),
    )


def _card() -> Card | None:
    """The card, unless nothing of one was written."""
    form = request.form
    told = zip(*(form.getlist(f"way_{part}") for part in ("kind", "label", "to")), strict=False)
    ways = (Way(kind, _clean(label), "" if kind == TREE else _clean(to)) for kind, label, to in told)
    title, words, picture = (_clean(form.get(f"card_{part}", "")) for part in ("title", "words", "picture"))
    drawn = Card(title, words, picture, tuple(way for way in ways if way.kind in KINDS and (way.label or way.to)))
    return drawn if drawn != Card() else None


def revision() -> int:
    """Which state of the article was on the screen."""
    return request.form.get("revision", -1, type=int)


def sheet() -> Sheet:
    """On which page it was written, which stands last; nobody's, where that says nothing that our page does."""
    told = request.form.get("sheet", "").split(" ")
    if len(told) > PUT_BACK + 1 or not all(map(SHEET.fullmatch, told)):
        return Sheet()
    *before, (page, sent) = [(page, int(sent)) for page, _, sent in (one.partition(".") for one in told)]
    return Sheet(page, sent, dict(before))


def sought() -> str:
    """For which question the articles that are alike stand on the page."""
    return request.form.get("sought", "")


def day(field: str) -> date | None:
    return request.form.get(field, None, type=date.fromisoformat)


def options(policy: Any) -> Mapping[str, list[tuple[str, str]]]:
    """The intents by category, with the titles under which people know them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, intent in policy.intents.items():
        found.setdefault(intent.category, []).append((name, intent.title))
    return found


def _parts(field: str) -> tuple[str, ...]:
    """What is written a line each, or between bars."""
    return tuple(filter(None, (part.strip() for part in PARTS.split(_clean(request.form.get(field, ""))))))


def _clean(text: str) -> str:
    return printable(text[:LONGEST]).replace("\r\n", "\n").strip()
