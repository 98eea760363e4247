"""The shipped policy and lexicon, read once a process and checked against each other."""

from functools import cache

from bot.assessment import Lexicon, parse_lexicon
from bot.errors import ContentError
from bot.matrix import Policy, parse_policy
from bot.nlu.files import LANGUAGE, read_yaml


@cache
def load() -> tuple[Policy, Lexicon]:
    """Policy and lexicon; a ContentError says what is wrong in which file."""
    policy = parse_policy(read_yaml("policy.yml"))
    lexicon = parse_lexicon(read_yaml(f"{LANGUAGE}/lexicon.yml"))
    require_known({signal.effect.intent for signal in lexicon.signals} - {""}, policy, "lexicon.yml")
    return policy, lexicon


def require_known(intents: set[str], policy: Policy, file: str) -> None:
    """Refuse a file that speaks of intents without a policy: nobody would know what to do with them."""
    if unknown := intents - set(policy.intents):
        raise ContentError(f"{file}: policy.yml has no {', '.join(sorted(unknown))}; add it there or mend the name")
