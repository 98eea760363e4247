"""What keeps an article from going live: each fault names its field and how to mend it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.errors import Refused
from bot.messages import LINE_TEXT_UNITS, utf16_units
from faq.articles import cards, foreign, trees, variables, withheld
from faq.articles.content import CUSTOMERS, Content

LIMITS = {"category": 40, "intent": 60, "language": 16, "video": 500}
LABEL_LENGTH = 20  # of a LINE quick reply
PICTURES = 4  # LINE takes five messages at once; one is the words
BUTTONS = 12  # LINE shows 13; one place stays free for 找真人


class Fault(NamedTuple):
    """What is wrong with a field, as a refusal that can be translated."""

    field: str
    refused: Refused


def faults(content: Content, *, columns: bool = False) -> list[Fault]:
    """All that is wrong; nothing, where it may go live. Passages are numbered as the editor shows them; by audience
    where they stand in `columns`."""
    said = (*_missing(content), *_too_long(content), *_variables(content), *_foreign(content, columns))
    found = (*said, *_odd(content), *_drawn(content))
    return [Fault(refused.field, refused) for refused in found]


def _missing(content: Content) -> Iterator[Refused]:
    if not content.question:
        yield Refused("沒有問題，補上顧客會問的那一句。").at("question")
    only_for_colleagues = not content.page and content.tree_for != CUSTOMERS and (content.internal or content.tree)
    if not content.wordings and not only_for_colleagues:
        yield Refused("沒有內容，補上要回覆顧客的文字。").at("answer")


def _too_long(content: Content) -> Iterator[Refused]:
    for field, limit in LIMITS.items():
        if len(getattr(content, field)) > limit:
            yield Refused("超過 %(limit)s 個字，改短一點。", limit=limit).at(field)
    if any(utf16_units(wording) > LINE_TEXT_UNITS for wording in content.wordings):
        yield Refused("超過 %(limit)s 個字，LINE 一則放不下，拆成幾篇。", limit=LINE_TEXT_UNITS).at("answer")
    if any(len(label) > LABEL_LENGTH for label in content.buttons):
        yield Refused("按鈕文字超過 %(limit)s 個字，改短一點。", limit=LABEL_LENGTH).at("buttons")
    if len(content.buttons) > BUTTONS:
        yield Refused("超過 %(limit)s 個按鈕，刪掉一些。", limit=BUTTONS).at("buttons")


def _variables(content: Content) -> Iterator[Refused]:
    known = "、".join(f"{{{name}}}" for name in variables.KNOWN)
    drawn = {"card": (content.card.title, content.card.words)} if content.card else {}
    read = {"page": (content.page,), "internal": content.internal, "tree": _walked(content).said}
    for field, texts in ({"answer": content.wordings} | read | drawn).items():
        for name in dict.fromkeys(name for text in texts for name in variables.unknown(text)):
            yield Refused("沒有變數 {%(name)s}；可以用 %(known)s。", name=name, known=known).at(field)
    for name in variables.named(content.question):
        yield Refused("問題裡不能用變數 {%(name)s}：它會照字面顯示。", name=name).at("question")
    for field, labels in {"buttons": content.buttons, "tree": _walked(content).labels}.items():
        for label in filter(variables.VARIABLE.search, labels):
            yield Refused("按鈕「%(label)s」：變數寫在文字裡，按鈕上不能用。", label=label).at(field)


def _foreign(content: Content, columns: bool) -> Iterator[Refused]:
    """Short answers are Markdown too: /help draws them where there is no page."""
    told = [("answer", text) for text in content.wordings]
    told += [("internal" if passage.internal else "page", passage.text) for passage in content.passages]
    counted: Counter[str] = Counter()
    for field, text in told:
        column = field if columns or field == "answer" else "passages"
        counted[column] += 1
        yield from (refused.at(field) for refused in foreign.faults(text, counted[column]))


def _walked(content: Content) -> trees.Tree:
    """The tree that customers walk."""
    return (content.walked if content.tree_for == CUSTOMERS else None) or trees.Tree({})


def _odd(content: Content) -> Iterator[Refused]:
    yield from (refused.at("picture") for refused in _pictured(content.pictures))
    if content.video and not cards.OPENED.fullmatch(content.video):
        yield Refused("影片連結要是 https:// 開頭的網址。").at("video")
    if content.valid_from and content.valid_until and content.valid_until < content.valid_from:
        yield Refused("結束日在開始日之前，改一下日期。").at("valid_until")
    if wrong := trees.fault(content.tree):
        yield wrong
    for text in content.withheld:
        if not withheld.sentences([text]):
            short = Refused("僅供內部的「%(text)s」太短，送出時認不出來；寫成完整的句子。", text=text)
            yield short.at("internal" if text in content.internal else "tree")


def _pictured(keys: Sequence[str]) -> Iterator[Refused]:
    if len(keys) > PICTURES:
        yield Refused("聊天最多 %(limit)s 張圖片，LINE 一次只收五則、文字要留一則；其餘的放進長文。", limit=PICTURES)
    if len(set(keys)) < len(keys):
        yield Refused("同一張圖片選了兩次，留一次就好。")


def _drawn(content: Content) -> Iterator[Refused]:
    """Of the card; where none is drawn, its buttons stand beside the others."""
    if content.card is None:
        return
    walked = content.tree_for == CUSTOMERS and content.walked is not None
    found = cards.faults(content.card, content.wordings, walked=walked)
    yield from (refused.at("card") for refused in found)
    if len(content.buttons) + len(content.card.ways) > BUTTONS:
        yield Refused("卡片的按鈕和回覆後的按鈕一共超過 %(limit)s 個，刪掉一些。", limit=BUTTONS).at("card")
