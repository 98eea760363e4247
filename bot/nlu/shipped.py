"""What the repository ships to understand with: examples to learn from, phrase rules, and their digest."""

import hashlib
from functools import cache

from bot.nlu.files import LANGUAGE, ROOT, read_yaml
from bot.nlu.phrases import Phrases, parse_phrases
from bot.nlu.policy import load, require_known
from bot.nlu.training_data import Example, read

LEARNED_FROM = ("policy.yml", f"{LANGUAGE}/nlu.yml")


@cache
def phrases() -> Phrases:
    """The phrase rules."""
    found = parse_phrases(read_yaml(f"{LANGUAGE}/phrases.yml"))
    require_known({rule.intent for rule in found.rules}, load()[0], "phrases.yml")
    return found


def examples() -> list[Example]:
    """The training examples."""
    found = read(ROOT / LANGUAGE / "nlu.yml")
    require_known({example.intent for example in found}, load()[0], "nlu.yml")
    return found


def digest(version: str) -> str:
    """Names what a model trained now would be made of: the files, and the algorithm's version."""
    parts = [version.encode(), *(ROOT.joinpath(name).read_bytes() for name in LEARNED_FROM)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
