"""What is pasted before a question: a link, or an order's card (「訂單編號：… 訂單金額：… 下單時間：…」).

It says what the question is about, not what is asked; alone, it is all that was said.
"""

import re

from bot.language.entities import MASKS, entities, mask

LINK = re.compile(r"(?:https?://|www\.)[!-~]+|\[(?:鏈接|链接|連結)\w?\]", re.IGNORECASE)
LINKED = "↗"
PLACEHOLDER = r"\[[^\[\]]{1,6}\]"  # of a fact that somebody masked before us: 「[數字x]」
VALUE = rf"(?:[{''.join(sorted(set(MASKS.values())))}\d\s.,:¥$-]|{PLACEHOLDER})*"
CARD = rf"\[?(?:諮詢)?訂單(?:編號|號碼?){VALUE}訂單金額{VALUE}(?:下單時間{VALUE})?\]?"
PASTED = re.compile(rf"(?:(?:{LINKED}|{CARD})\s*)+")
LEAST = 2  # characters; less is no question, and then what was pasted is all that was said


def masked(text: str) -> str:
    """The text with a mark for each link and each fact: their letters and digits are nobody's words."""
    text = LINK.sub(LINKED, text)
    return mask(text, entities(text))


def asked(folded: str) -> str:
    """A folded, masked text without what is pasted before it; as it is where it consists of that."""
    pasted = PASTED.match(folded)
    rest = folded[pasted.end() :] if pasted else folded
    return rest if len(rest) >= LEAST else folded
