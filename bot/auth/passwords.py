"""Passwords: how they are kept, how strong they must be, and those that open the door once."""

import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from bot.errors import Refused

DEMO_PASSWORD = "frontline"
SHORTEST, LONGEST = 8, 200
GUESSABLE = 2  # below this score zxcvbn expects it within 10^6 tries
READS = 72  # no more letters are judged: that takes its time
ONE_TIME_LASTS = timedelta(hours=24)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another

# What a password of an unknown name is compared with, so that the answer takes as long as for a known one.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's floor for argon2id


class WeakPassword(Refused):
    """A password that is not taken; `code` names the reason for pages."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def kept(password: str) -> str:
    """What is stored of a password."""
    return hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except VerificationError:
        return False


def check(password: str, *about: str) -> None:
    """Refuse a password that is published, short, or soon guessed by who knows these words about its owner."""
    if password == DEMO_PASSWORD:
        raise WeakPassword("published", "這組密碼是示範用的，大家都知道，換一組。")
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword("length", "至少 8 個字，最多 200 個字。")
    if _score(password, about) < GUESSABLE:
        raise WeakPassword("guessable", "太容易猜到，換長一點的，例如幾個不相干的詞。")


def one_time() -> str:
    """A password to be read out: sixteen letters, 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _score(password: str, about: tuple[str, ...]) -> int:
    from zxcvbn import zxcvbn  # its word lists are for those few processes that set passwords

    return int(zxcvbn(password[:READS], user_inputs=[word for word in about if word])["score"])
