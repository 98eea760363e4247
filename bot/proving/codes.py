"""Codes of six digits, and the digest that is kept of one: slow on purpose, since there are only a million."""

import hashlib
import hmac
import secrets

DIGITS = 6
COST = 2**14


def make() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def digest(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=COST, r=8, p=1, dklen=32).hex()


def fits(code: str, salt: str, kept: str) -> bool:
    return bool(kept) and hmac.compare_digest(digest(code, salt), kept)
