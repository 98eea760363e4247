"""All that is written about intents, side by side: sentences, tests, policy, and which of them can be answered."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from bot.forms import Forms
from bot.language.entities import MASKS
from bot.matrix import Policy, answered
from bot.nlu import heldout, shipped
from bot.nlu.features import prepare
from bot.nlu.forms import forms
from bot.nlu.policy import load
from bot.nlu.training_data import places

FACTS = frozenset(MASKS.values())


@dataclass(frozen=True)
class Sentence:
    """A sentence, what it means, in which file and line it stands; `form` is folded and masked."""

    text: str
    intent: str
    place: str
    form: str

    @property
    def core(self) -> str:
        """The form without marks and gaps, which make no other sentence; marks alone are one."""
        return "".join(sign for sign in self.form if sign.isalnum() or sign in FACTS) or self.form

    @property
    def language(self) -> str:
        """The folder of the file."""
        return self.place.split("/", 1)[0]


@dataclass(frozen=True)
class Corpus:
    """What is learned from, what is tested on (without intents), and what policy, content and forms make of it."""

    sentences: Sequence[Sentence]
    tests: Sequence[Sentence]
    policy: Policy
    answerable: Set[str]
    forms: Forms = field(default_factory=lambda: Forms(forms={}))

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """How many sentences each intent has in each language."""
        return Counter((sentence.language, sentence.intent) for sentence in self.sentences)

    @property
    def automatic(self) -> Set[str]:
        """The intents that the bot answers by itself."""
        return answered(self.policy)


def assemble(answerable: Set[str]) -> Corpus:
    """The shipped corpus; `answerable` are the intents that the content answers."""
    return Corpus(sentences(), tests(), load()[0], answerable, forms())


def sentences() -> tuple[Sentence, ...]:
    """The shipped training sentences, with their places."""
    return tuple(_sentences())


def _sentences() -> Iterator[Sentence]:
    for path in shipped.SENTENCES:
        name = path.relative_to(path.parents[2]).as_posix()
        for example, place in places(path.read_text("utf-8"), name):
            yield Sentence(example.text, example.intent, place, prepare(example.text))


def tests() -> tuple[Sentence, ...]:
    """The messages that prove what was learned, so that nothing may be learned from them."""
    return tuple(_tests())


def _tests() -> Iterator[Sentence]:
    for path in sorted(heldout.TESTS.glob("*.yml")):
        if path.name != "floor.yml":
            name = path.relative_to(path.parents[2]).parent.as_posix()
            for case in heldout.read(path):
                yield Sentence(case.text, case.intent, f"{name}/{case.place}", prepare(case.text))
