"""What the bot says around its answers, in the customer's language, and when a customer has not finished writing.

The wordings lie in `nlu_data/<language>/replies.yml`, by theme in `replies/`, and `titles.yml`, not in code.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from bot.matrix import HUMAN_WISH
from bot.messages import Button, Outbound
from bot.nlu.policy import load
from bot.orders.telling import Words

NLU_DATA = Path(__file__).parent.parent / "nlu_data"
DEFAULT_LANGUAGE = "zh-TW"
WORDS_OF_GREETING = (
    "哈囉|哈嘍|嗨|你好|您好|妳好|早安|午安|晚安|安安|hi|hello|hey|有人在嗎|在嗎|請問一下|請問|想請問|想問一下|想問|"
    "不好意思|打擾了|抱歉打擾"
)
GREETING = re.compile(rf"(?:(?:{WORDS_OF_GREETING})[\s~～!！.。,，:：?？]*)+", re.IGNORECASE)
UNFINISHED = re.compile(r"([,，、:：;；]|然後|還有|因為|可是|但是|就是|那個|想問|請問|以及)$")
# The beginning of a sentence, or what it is about, sent before the rest of it.
BEGUN = re.compile(
    r"\W*(?:[我你妳您]們?的?|我[想要]要?|那|這個?|就|欸+|關於|有個?問題|我有(?:個|一個|些)?問題|我?(?:想)?問(?:個|一個)?(?:問題|事情?)"
    r"|我的(?:訂單|包裹|貨|商品|發票|帳號|會員|貸款|借款|退款|退貨))\W*"
)
LABEL_LIMIT = 20
PERSON = "person"
FRAGMENT_LIMIT = 40  # characters; whoever writes more has said something


def is_unfinished(text: str) -> bool:
    """Whether more is likely to follow at once: a bare greeting, a beginning, or words that lead on to something."""
    text = text.strip()
    if len(text) > FRAGMENT_LIMIT:
        return False
    return bool(GREETING.fullmatch(text) or BEGUN.fullmatch(text) or UNFINISHED.search(text))


class Replies:
    """The bot's own phrases in one language; `say(key, **facts)` fills them in."""

    def __init__(self, phrases: dict[str, str]) -> None:
        self._phrases = phrases

    def say(self, key: str, buttons: Sequence[Button] = (), **facts: str) -> Outbound:
        return Outbound(self._phrases[key].format(**facts), tuple(buttons))

    def button(self, key: str) -> Button:
        return Button(self._phrases[key][:LABEL_LIMIT], self._phrases[key])


@cache
def replies(language: str) -> Replies:
    """The phrases of a language; of Traditional Chinese where we have none of our own."""
    path = NLU_DATA / language / "replies.yml"
    known = path if path.is_file() else NLU_DATA / DEFAULT_LANGUAGE / "replies.yml"
    phrases: dict[str, str] = {}
    for file in (known, *sorted(known.with_suffix("").glob("*.yml"))):
        phrases |= yaml.safe_load(file.read_text("utf-8"))["replies"]
    return Replies(phrases)


def titles(language: str) -> Mapping[str, str]:
    """What stands on the button of each intent: the policy's titles, in the customer's language where we have them."""
    return {**{intent: own.title for intent, own in load()[0].intents.items()}, **_translated(language)}


@cache
def _translated(language: str) -> Mapping[str, str]:
    path = NLU_DATA / language / "titles.yml"
    return yaml.safe_load(path.read_text("utf-8"))["titles"] if path.is_file() else {}


def order_words(language: str) -> Words:
    """The words in which an order is told."""
    return Words(lambda key, **facts: replies(language).say(key, **facts).text, titles(language))


def choices(intents: Sequence[str], language: str) -> dict[str, str]:
    """The intents to choose from, by the words on their buttons; a person last."""
    words = {titles(language)[intent]: intent for intent in intents}
    return {**words, replies(language).button(PERSON).text: HUMAN_WISH}


def tapped(text: str) -> str:
    """The intent on whose button these very words stand, or nothing."""
    on_buttons = {said: intent for language in _languages() for intent, said in titles(language).items()}
    return on_buttons.get(text.strip(), "")


@cache
def _languages() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in NLU_DATA.glob("*/replies.yml")))


@cache
def spoken() -> tuple[str, ...]:
    """All that the bot says of itself, in every language, and what its forms say."""
    files = chain.from_iterable(NLU_DATA.glob(name) for name in ("*/replies.yml", "*/replies/*.yml", "*/forms.yml"))
    return tuple(chain.from_iterable(_texts(yaml.safe_load(file.read_text("utf-8"))) for file in files))


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        yield from chain.from_iterable(map(_texts, data.values() if isinstance(data, dict) else data))
