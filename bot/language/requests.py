"""Cutting a message into what it asks for: 「運費怎麼算?另外我想取消訂單」 holds two requests.

A piece that asks for nothing is the story around the piece that follows, so each part asks for something; together
they are the whole message, but for the words that link them.
"""

import re
from itertools import pairwise

from bot.language.pasted import LINK as PASTED

ENDS = r"(?<=[。！？!?；;\n])"
AND_ALSO = r"[還还]有(?![嗎吗]|[沒没]|[貨货]|多|幾|其他|庫存|人|在|剩|機會|現貨|效)"
LEADS_ON = (
    rf"(?=另外|[順顺]便|[對对]了|再[請请]?[問问]|[還还](?:想|要|想[請请])[問问]|然[後后]想[問问]|第二[個个][問问][題题]|{AND_ALSO}"
    r"|\b(?:and )?also\b|\banother question\b|\bone more\b)"
)
POINT = r"\d(?:\.(?!\d)|[、)）])"  # of a list; 1.5 is a number
LINK = re.compile(
    rf"^\W*(?:{POINT}|另外|[順顺]便|[對对]了|再來|然[後后]|第二[個个][問问][題题][是:：]?|{AND_ALSO}"
    r"|and also\b|also\b|another question\b|one more question\b)[\s,，:：]*",
    re.IGNORECASE,
)
PAUSES = rf"(?<=[一-鿿])[ 　，,、]+(?=[一-鿿]|{POINT})"
BORDER = re.compile(f"{ENDS}|{LEADS_ON}|{PAUSES}", re.IGNORECASE)
QUESTION = re.compile(
    r"[嗎吗ㄇ呢?？]|怎[麼么樣样]|如何|[什甚][麼么]|啥|多少|多久|[幾几哪誰谁]|何[時时]|[為为]何|可不可以|能不能|能否|是否|有[沒没]有|要不要|[會会]不[會会]|[好行對对]不"
    r"|\b(?:how|what|when|where|which|why|who|can|could|do|does|is|are|will)\b",
    re.IGNORECASE,
)
WISH = re.compile(
    r"我要|我想|想要|想[請请]|可以|[幫帮]|麻[煩烦]|[請请](?![問问])|取消|改|查|退|[換换补補]"
    r"|\b(?:i want|i need|i'd like|please|pls)\b",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"[請请][問问]|想[問问]|一下|您好|你好|哈囉|不好意思|[謝谢]+|感[謝谢]|麻[煩烦]|可以[嗎吗]|好[嗎吗]|\W"
)
# 「客服在嗎」 before a question only opens the talk.
HAIL = re.compile(
    r"\W*(?:[請请]?[問问]|[親亲]|喂|你好|您好|哈囉)*\W*(?:客服|小[編编]|老[闆板]|店家|[賣卖]家|有人)?在?(?:在[嗎吗ㄇ不]?|不在|嗎)\W*"
)
# 「要等幾天」 asks about what was said before it: no noun of its own, only what any question is made of.
LEANS = re.compile(
    r"(?:\W|[請请]?[問问]|那|大概|大約|一般|通常|[還还]|再|又|都|就|也|只|[會会]|要|得|需|[應应][該该]|能|可以|可|不|[沒没]|有|等|[幾几]|天|多|久|少"
    r"|[什甚][麼么]|啥|手[續续][費费]|[費费]用|[時时]候|何|[時时]|[怎為为][麼么]|[樣样]|如何|哪[裡裏里邊边兒儿]?|是|[錢钱]|到|[給给]|寄|[發发]|送|拿|收|[補补]|退|[換换]|用|弄|做|[辦办]|申[請请]"
    r"|了|的|我|你|[們们]|一下|一次|[嗎吗ㄇ呢吧啊呀喔哦])+"
)
SUBSTANCE = 4
NUMBERED = re.compile(rf"\W*{POINT}")


def requests(text: str) -> list[str]:
    """The parts of `text`, each of which asks for something; only the whole where there is no border in it."""
    parts: list[str] = []
    story, pieces = "", _pieces(text)
    listed = _listed(pieces)
    for piece in pieces:
        story += piece
        if parts and _leans(piece):
            parts[-1] += story
            story = ""
        elif (_asks(piece) or (listed and NUMBERED.match(piece))) and _substance(story) >= SUBSTANCE:
            parts.append(story)
            story = ""
    if len(parts) < 2:
        return [text]
    parts[-1] += story
    return [LINK.sub("", part).strip() for part in parts]


def are_linked(text: str) -> bool:
    """Whether the words themselves say that one request follows another (「另外」, 「順便」, 1. 2.)."""
    pieces = [piece for piece in _pieces(text) if _asks(piece)]
    return any(LINK.match(piece) for piece in pieces[1:])


def is_list(text: str) -> bool:
    """Whether the text numbers what it asks for; the goods of an order (1.草莓兩盒) ask for nothing."""
    return _listed(_pieces(text))


def is_question(text: str) -> bool:
    """Whether these words want an answer, however they are understood."""
    return bool(QUESTION.search(text))


def _pieces(text: str) -> list[str]:
    """The text cut at its borders, nothing left out; a pasted link is one word, whatever stands in it."""
    links = [found.span() for found in PASTED.finditer(text)]
    borders = {found.end() for found in BORDER.finditer(text)}
    cuts = sorted({0, len(text), *(at for at in borders if not any(start < at < end for start, end in links))})
    return [text[start:end] for start, end in pairwise(cuts)]


def _listed(pieces: list[str]) -> bool:
    return any(NUMBERED.match(piece) and _asks(piece) for piece in pieces)


def _asks(piece: str) -> bool:
    return bool(QUESTION.search(piece) or WISH.search(piece)) and _substance(piece) > 1 and not HAIL.fullmatch(piece)


def _leans(piece: str) -> bool:
    """Whether a piece asks something that only what stands before it explains."""
    return _asks(piece) and not LINK.match(piece) and bool(LEANS.fullmatch(piece))


def _substance(text: str) -> int:
    return len(FILLER.sub("", text))
