"""What a customer wants changed of an order, where his words say it beyond doubt; else a person reads them. Pure."""

import re

from bot.language import entities
from bot.ports import ChangeKind

PHONE = re.compile(r"(?:電話|手機|號碼|聯絡|收件人?|收貨人?|改成|改為|換成|改|換|成|為|的|是|請|要|想|把|到|\W)*")
ADDRESS = re.compile(
    r"(?:.*?(?:改成|改為|改到|換成|換到|寄到|送到|地址是|地址：|地址:))?\s*"
    r"(?P<v>(?:\d{3,6}\s*)?[一-龥]{2}[縣市]\s*[一-龥]{1,3}[區鄉鎮市].*[路街道段巷弄村里鄰].*號.*)",
    re.DOTALL,
)
RECIPIENT = re.compile(
    r"(?:請|把|要|想)*(?:收件人|收貨人|收件者|姓名)(?:的?(?:姓名|名字))?\s*(?:請)?(?:改成|改為|換成|是|：|:)\s*"
    r"(?P<v>[一-龥]{2,5}|[A-Za-z][A-Za-z .'-]{1,40})(?:先生|小姐|女士)?\s*[。.!！]?"
)
LONGEST = 200


def wished(words: str) -> tuple[ChangeKind, str] | None:
    """One thing and its new value; None where it is another, several, or not clear."""
    text = words.strip()[:LONGEST]
    phones = [one for one in entities(text) if one.kind == "phone"]
    if phones:
        [one, *more] = phones
        alone = PHONE.fullmatch(text[: one.start] + text[one.end :])
        return ("phone", one.value) if alone and not more else None
    if found := RECIPIENT.fullmatch(text):
        return "recipient", found["v"]
    found = ADDRESS.fullmatch(text)
    return ("address", found["v"].strip().rstrip("。!！")) if found else None
