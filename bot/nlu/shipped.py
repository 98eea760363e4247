"""What the repository ships to understand with: examples to learn from, phrase rules, and their digest."""

import hashlib
from functools import cache

from bot.nlu.files import ROOT, read_every
from bot.nlu.phrases import Phrases, parse_phrases
from bot.nlu.policy import load, require_known
from bot.nlu.training_data import Example, read_all

SENTENCES = tuple(sorted(ROOT.glob("*/nlu/*.yml")))
RULES = (ROOT / "policy.yml", *sorted(ROOT.glob("*/lexicon.yml")), *sorted(ROOT.glob("*/phrases.yml")))


@cache
def phrases() -> Phrases:
    """The phrase rules."""
    rules = [rule for _, data in read_every("phrases.yml") for rule in parse_phrases(data).rules]
    require_known({rule.intent for rule in rules}, load()[0], "phrases.yml")
    return Phrases(tuple(rules))


def examples() -> list[Example]:
    """The training examples."""
    found = read_all(SENTENCES)
    require_known({example.intent for example in found}, load()[0], "training sentences")
    return found


def digest(version: str) -> str:
    """Names a release made now, by the files (what is meant, what becomes of it) and the algorithm's version."""
    parts = [version.encode(), *(path.read_bytes() for path in (*RULES, *SENTENCES))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
