"""The card of an article: its answer drawn with a title, a picture and up to four ways on, each of which says something
in the customer's name, opens a page, or begins the article's scenario tree.

In files a way on is a line, 「標籤 -> 說的話」, 「標籤 -> https://…」 or 「標籤 -> 情境樹」.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.errors import Refused
from faq.articles.variables import VARIABLE

SAYS, LINK, TREE = "says", "link", "tree"
KINDS = (SAYS, LINK, TREE)
TREE_NAME = "情境樹"
ARROW = " -> "
TITLE, WORDS, WAYS = 60, 500, 4
LABEL = 20  # of a button of LINE and Messenger
SAID, ADDRESS = 300, 500
OPENED = re.compile(r"https://[^\s/]+\.[^\s/]+\S*")
MESSENGER_TEXT, MESSENGER_WAYS = 80, 3


@dataclass(frozen=True)
class Way:
    """A button of a card: what stands on it, and what it says or opens."""

    kind: str
    label: str
    to: str = ""


@dataclass(frozen=True)
class Card:
    """`words` stand below the title; where there are none, a wording of the article does. `picture` is a key."""

    title: str = ""
    words: str = ""
    picture: str = ""
    ways: tuple[Way, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that a customer may come to see of it."""
        return (self.title, self.words, *(text for way in self.ways for text in (way.label, way.to)))

    def of(self, kind: str) -> tuple[Way, ...]:
        """Its ways on of a kind."""
        return tuple(way for way in self.ways if way.kind == kind)


def drawn_on_messenger(card: Card | None, words: str, *, film: bool) -> bool:
    """Whether Messenger takes it for a card; else it shows the text. A `film` is one more way on."""
    if card is None:
        return False
    short = len(card.title) <= MESSENGER_TEXT and len(words) <= MESSENGER_TEXT
    return short and len(card.ways) + film <= MESSENGER_WAYS


def line(way: Way) -> str:
    """A way on as files have it."""
    return f"{way.label}{ARROW}{TREE_NAME if way.kind == TREE else way.to}"


def way(text: str) -> Way:
    """The way on that a line of a file means; without an arrow the label is what it says."""
    label, _, leads = (part.strip() for part in text.partition(ARROW.strip()))
    if leads == TREE_NAME:
        return Way(TREE, label)
    return Way(LINK if leads.startswith("https://") else SAYS, label, leads or label)


def faults(card: Card, wordings: Sequence[str], *, walked: bool) -> Iterator[Refused]:
    """What is wrong with a card; `walked`: customers may walk the article's scenario tree."""
    if not card.title:
        yield Refused("卡片要有標題。")
    if len(card.title) > TITLE:
        yield Refused("標題超過 %(limit)s 個字，改短一點。", limit=TITLE)
    if any(len(words) > WORDS for words in ([card.words] if card.words else wordings)):
        yield Refused("卡片上的文字超過 %(limit)s 個字，寫短一點，或不用卡片。", limit=WORDS)
    yield from _wrong_ways(card)
    if card.of(TREE) and not walked:
        yield Refused("有按鈕走情境樹，但這篇沒有給顧客走的情境樹。")
    if walked and len(card.of(TREE)) != 1:
        yield Refused("這篇有給顧客走的情境樹：卡片要有一個按鈕走情境樹。")


def _wrong_ways(card: Card) -> Iterator[Refused]:
    labels = [way.label for way in card.ways]
    if len(labels) > WAYS:
        yield Refused("卡片最多 %(limit)s 個按鈕，刪掉一些。", limit=WAYS)
    if twice := next((label for label in labels if labels.count(label) > 1), ""):
        yield Refused("有兩個「%(label)s」，改一個。", label=twice)
    for way in card.ways:
        if wrong := _wrong(way):
            yield wrong


def _wrong(way: Way) -> Refused | None:
    if not 0 < len(way.label) <= LABEL:
        return Refused("按鈕「%(label)s」：按鈕上的字要有 1 到 %(most)s 個。", label=way.label, most=LABEL)
    if VARIABLE.search(f"{way.label} {way.to}"):
        return Refused("按鈕「%(label)s」：變數寫在文字裡，按鈕上不能用。", label=way.label)
    if way.kind == LINK and not (OPENED.fullmatch(way.to) and len(way.to) <= ADDRESS):
        return Refused("按鈕「%(label)s」：連結要是 https:// 開頭的網址。", label=way.label)
    if way.kind == SAYS and not 0 < len(way.to) <= SAID:
        return Refused("按鈕「%(label)s」：寫按了要說的話，最多 %(most)s 個字。", label=way.label, most=SAID)
    return None
