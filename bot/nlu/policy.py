"""The shipped policy and lexicon, read once a process and checked against each other."""

from functools import cache

from bot.assessment import Lexicon, joined, parse_lexicon
from bot.errors import ContentError
from bot.matrix import Policy, parse_policy
from bot.nlu.files import read_every, read_yaml


@cache
def load() -> tuple[Policy, Lexicon]:
    """Policy and lexicon; a ContentError says what is wrong in which file."""
    policy = parse_policy(read_yaml("policy.yml"))
    lexicon = joined(parse_lexicon(data, file) for file, data in read_every("lexicon.yml"))
    require_known(set(lexicon.intents), policy, "lexicon.yml")
    if unknown := lexicon.categories - set(policy.categories):
        raise ContentError(f"lexicon.yml: policy.yml has no category {', '.join(sorted(unknown))}; mend the name")
    return policy, lexicon


def require_known(intents: set[str], policy: Policy, file: str) -> None:
    """Refuse a file that speaks of intents without a policy: nobody would know what to do with them."""
    if unknown := intents - set(policy.intents):
        raise ContentError(f"{file}: policy.yml has no {', '.join(sorted(unknown))}; add it there or mend the name")
