"""Messages that ask the same stand together: written alike, by the same likeness that finds near-duplicates."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.matrix import Policy
from bot.nlu.nearness import Nearness
from faq.unanswered.gathering import Unanswered

ALIKE = 0.5  # cosine from which two messages ask the same; a person looks at each group anyway
RULED_OUT = ("out_of_scope", "nonsense", "fragment")


@dataclass(frozen=True)
class Group:
    """Messages that are alike, the newest first."""

    messages: Sequence[Unanswered]

    @property
    def why(self) -> Counter[str]:
        return Counter(why for one in self.messages for why in one.why)

    @property
    def articles(self) -> Sequence[str]:
        """Those that answered and did not help, once each."""
        return list(dict.fromkeys(one.article for one in self.messages if one.article))

    def guess(self, policy: Policy) -> str:
        """What they most probably mean, if anybody can tell; what a customer tapped counts more than a guess."""
        told = [one.intent for one in self.messages if "labelled" in one.why]
        guessed = [one.intent for one in self.messages if _fits(one, policy)]
        best = Counter(told or guessed).most_common(1)
        return best[0][0] if best and best[0][0] in policy.intents else ""


def grouped(messages: Sequence[Unanswered]) -> list[Group]:
    """The largest groups first."""
    if not messages:
        return []
    leader = list(range(len(messages)))
    for one, other, _ in Nearness([message.form for message in messages]).pairs(ALIKE):
        first, second = sorted((_first(leader, one), _first(leader, other)))
        leader[second] = first
    groups: defaultdict[int, list[Unanswered]] = defaultdict(list)
    for at, message in enumerate(messages):
        groups[_first(leader, at)].append(message)
    return sorted((Group(group) for group in groups.values()), key=lambda group: -len(group.messages))


def _first(leader: Sequence[int], at: int) -> int:
    """The first message of the group that a message is in."""
    while leader[at] != at:
        at = leader[at]
    return at


def _fits(one: Unanswered, policy: Policy) -> bool:
    """Whether the bot's guess may stand beside what a colleague said."""
    if one.intent in RULED_OUT or one.intent not in policy.intents:
        return False
    return not one.category or policy.of(one.intent).category == one.category
