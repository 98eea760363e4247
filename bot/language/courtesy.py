"""The words of courtesy around what somebody wants: 「不好意思請問 … 謝謝」.

They say nothing of what it is, and the sentence embedding takes half a millisecond for each of their characters.
"""

import re

MARK = r"[\s,.!~…、。:;]"
HAIL = (
    "哈囉|哈嘍|嗨|你好|您好|早安|午安|晚安|安安|小編|不好意思|抱歉打擾|打擾|想請教|請教|請問|想請問|想問|麻煩[你您]?"
    rf"|親(?={MARK})|(?:hello|hi|hey)(?!\s*[a-z])"
)
THANKS = "謝謝|感謝|感恩|拜託|麻煩[你您]|先謝過|thank you|thanks|thx"
BEFORE = re.compile(rf"(?:(?:{HAIL})(?:一下|了)?|{MARK})+")
BEHIND = re.compile(rf"(?:(?:{THANKS})(?:[你您了喔啦]|大家)*|{MARK})+$")
LEAST = 2  # characters; less is no sentence, and then the courtesy is all that was said


def bare(folded: str) -> str:
    """A folded text without the courtesies before and behind it; as it is where it consists of them."""
    opening = BEFORE.match(folded)
    rest = BEHIND.sub("", folded[opening.end() :] if opening else folded)
    return rest if len(rest) >= LEAST else folded
