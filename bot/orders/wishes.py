"""What a customer wants changed of an order, where his words say it beyond doubt; else a person reads them. Pure.

All his words must be known: what says where, whom or which phone, and politeness around it. A word of anything else
(an invoice, a member's data, what was before, what is not to be, a second change) leaves it to a person.
"""

import re

from bot.language import Entity, entities
from bot.ports import ChangeKind

# No two of them begin alike, so that words are read in one way only, and in a time that grows with their length.
AROUND = (
    r"訂單|編號|單號|這筆|您好|你好|謝謝|感謝|麻煩|可以|一下|"
    r"我|想|要|請|幫|把|將|的|是|新|改|換|更|變|修|成|為|到|\W"
)
PHONE = re.compile(rf"(?:{AROUND}|電話|手機|號碼|聯絡|收件人?|收貨人?)*")
HIS_OWN = re.compile(r"我(?!.*[改換])", re.DOTALL)  # a phone by which he can be reached
THANKS = r"\W*(?:(?:謝謝|感謝|麻煩)(?:您|你|了)?\W*)?"
ADDRESS = re.compile(
    rf"(?:{AROUND}|地址|住址|收件|收貨|寄|送)*?"
    r"(?P<v>(?:\d{3,6}\s*)?[一-龥]{2}[縣市] *[一-龥]{1,3}[區鄉鎮市][^號\n，,。；;]{0,40}[路街道段巷弄村里鄰]"
    rf"[^號\n，,。；;]{{0,20}}號[\d之\-－樓FfA-Za-z室一二三四五六七八九十 ]{{0,20}}){THANKS}"
)
RECIPIENT = re.compile(
    rf"(?:{AROUND})*(?:收件人|收貨人|收件者)(?:的?(?:姓名|名字))?\s*(?:請)?(?:改成|改為|換成|是|：|:)\s*"
    rf"(?P<v>[一-龥]{{2,5}}?|[A-Za-z][A-Za-z .'-]{{1,40}}?)(?:先生|小姐|女士)?{THANKS}"
)
NOBODY = re.compile(
    r"[我你您他她它的是要改換請同不或和跟]|本人|自己|先生|小姐|女士|媽|爸|太太|老公|老婆|朋友|公司|管理"
)
ASKS = re.compile(r"[?？嗎]")
LONGEST = 200


def wished(words: str) -> tuple[ChangeKind, str] | None:
    """One thing and its new value, out of all that a customer said of it; None where it is another, several, or not
    clear."""
    found = entities(words)
    text = _without(words, [one for one in found if one.kind == "order_number"]).strip()
    if not text or len(text) > LONGEST or ASKS.search(text):
        return None
    phones = [one for one in found if one.kind == "phone"]
    if phones:
        return _phone(text, phones)
    if told := RECIPIENT.fullmatch(text):
        return None if NOBODY.search(told["v"]) else ("recipient", told["v"].strip())
    told = ADDRESS.fullmatch(text)
    return ("address", told["v"].strip()) if told else None


def _phone(text: str, phones: list[Entity]) -> tuple[ChangeKind, str] | None:
    [one, *more] = phones
    rest = _without(text, [said for said in entities(text) if said.kind == "phone"])
    if more or HIS_OWN.search(rest) or not PHONE.fullmatch(rest):
        return None
    return "phone", one.value


def _without(text: str, those: list[Entity]) -> str:
    for one in reversed(those):
        text = text[: one.start] + " " + text[one.end :]
    return text
