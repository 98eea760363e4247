"""A customer's words without the customer: what names a person, or an order, is covered before others read it.

By rule, so not all of it: whoever keeps such words for others looks them over.
"""

import re

from bot.language import entities, mask

PERSONAL = ("order_number", "case_number", "phone", "email", "tax_id", "national_id", "card")
NAMELESS = "○○"
SHORTEST = 2  # of a name: a single sign may be anything
CHINESE = re.compile("[\u4e00-\u9fff]{3,4}")
HAN = "[\u4e00-\u9fff]"
PLACE = f"(?:(?![到在住去寄送往是]){HAN})"  # these stand before an address
FAMILIES = (
    "陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜"
    "傅侯曹薛丁卓馬董溫唐藍石蔣田康鄒白涂尤巫韓龔嚴袁黎歐陸阮"
)
STREET = (
    rf"{PLACE}{{1,5}}(?:路|街|大道|[村里])\s?(?:[一二三四五六七八九十\d]{{1,3}}段)?\s?(?:\d+鄰)?(?:\d+巷)?(?:\d+弄)?"
)
ADDRESS = re.compile(
    rf"(?:{PLACE}{{2}}[市縣]\s?)?(?:{PLACE}{{1,3}}[區鄉鎮市]\s?)?{STREET}\s?\d+(?:[-之]\d+)?\s?號(?:之\d+)?"
    rf"(?:\s?,?，?(?:[bB]?\d+|[一二三四五六七八九十]{{1,3}})\s?[樓fF](?:之\d+|-\d+)?)?(?:\s?\d+室)?"
)
CALLED = re.compile(rf"[{FAMILIES}]{HAN}{{0,2}}?(?=先生|小姐|女士|太太)")
RECEIVES = re.compile(rf"((?:收件人|收貨人|姓名|名字)[是為叫:：\s]{{0,3}})[{FAMILIES}]{HAN}{{1,2}}")


def masked(text: str, name: str) -> str:
    """The text in a line: its facts as the marks that the classifier sees, addresses and names covered."""
    covered = mask(text, [entity for entity in entities(text) if entity.kind in PERSONAL])
    for part in _parts(name.strip()):
        covered = covered.replace(part, NAMELESS)
    covered = RECEIVES.sub(rf"\1{NAMELESS}", CALLED.sub(NAMELESS, ADDRESS.sub(NAMELESS, covered)))
    return " ".join(covered.split())


def _parts(name: str) -> list[str]:
    """What somebody may call himself: the whole name, or in Chinese what stands after the family's."""
    given = [name[1:]] if CHINESE.fullmatch(name) else []
    return [part for part in (name, *given) if len(part) >= SHORTEST]
