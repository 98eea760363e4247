"""What is wrong with the training data: contradictions, leaks and gaps are errors, the rest is worth a look."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.matrix import QUIET, UNKNOWN
from bot.nlu.corpus import Corpus, Sentence
from bot.nlu.nearness import Nearness

FEW = {"zh-TW": 40, "en": 15}
NEAR = 0.9
LEAKED = 0.95
MONOTONOUS = 0.2  # of an intent's sentences may have a twin in it
FORMED = 4  # characters; shorter sentences of one intent can't help being alike, and everybody writes them


@dataclass(frozen=True)
class Finding:
    """Something wrong, where, and how to mend it."""

    severity: Literal["error", "warning"]
    check: str
    place: str
    message: str


def lint(corpus: Corpus) -> list[Finding]:
    """All findings, errors first."""
    found = [*_exact(corpus), *_near_leaks(corpus), *_few(corpus), *_near(corpus)]
    return sorted(found, key=lambda finding: finding.severity)


def errors(corpus: Corpus) -> list[Finding]:
    """What must be mended; no two sentences are compared, which only warns and takes half a minute of a core."""
    return [finding for finding in _exact(corpus) if finding.severity == "error"]


def _exact(corpus: Corpus) -> Iterator[Finding]:
    """What is seen without looking for what is alike."""
    checks = (_without_policy, _without_sentences, _without_answer, _without_question, _duplicates, _leaks)
    return (finding for check in checks for finding in check(corpus))


def _without_policy(corpus: Corpus) -> Iterator[Finding]:
    first = {sentence.intent: sentence for sentence in reversed(corpus.sentences)}
    for intent in sorted(set(first) - set(corpus.policy.intents)):
        message = f"policy.yml has no intent {intent}: add it there, or mend the name"
        yield Finding("error", "without_policy", first[intent].place, message)


def _without_sentences(corpus: Corpus) -> Iterator[Finding]:
    known = {sentence.intent for sentence in corpus.sentences}
    for intent in corpus.policy.intents:
        if intent not in known:
            message = (
                f"intent {intent} has no sentence: nobody will ever be understood so; write {FEW['zh-TW']} or drop it"
            )
            yield Finding("error", "without_sentences", "policy.yml", message)


def _without_answer(corpus: Corpus) -> Iterator[Finding]:
    for intent in sorted(corpus.automatic - corpus.answerable):
        own = corpus.policy.intents[intent]
        if own.category != UNKNOWN and own.traffic not in QUIET:
            message = f"intent {intent} is answered automatically, but no published article answers it: write one"
            yield Finding("error", "without_answer", "policy.yml", message)


def _without_question(corpus: Corpus) -> Iterator[Finding]:
    """Facts that a person needs and no form asks for, where the bot collects them first."""
    for intent, own in corpus.policy.intents.items():
        if corpus.policy.route(intent) == "hybrid":
            form = corpus.forms.forms.get(corpus.forms.named_for(intent))
            asked = {slot.name for slot in form.slots} if form else set()
            if lacks := [need for need in own.needs if need not in asked]:
                message = f"intent {intent} needs {', '.join(lacks)}, which no form asks for: add slots to forms.yml"
                yield Finding("warning", "without_question", "policy.yml", message)


def _duplicates(corpus: Corpus) -> Iterator[Finding]:
    """Sentences that are the same once folded and masked; of two intents they contradict each other."""
    for first, again in _repeated(corpus):
        if first.intent != again.intent:
            message = f"{again.text!r} ({again.intent}) is also {first.intent} ({first.place}): keep it in one of them"
            yield Finding("error", "contradiction", again.place, message)
        else:
            message = f"{again.text!r} stands already at {first.place}: write another, or drop it"
            yield Finding("warning", "duplicate", again.place, message)


def _repeated(corpus: Corpus) -> Iterator[tuple[Sentence, Sentence]]:
    first: dict[str, Sentence] = {}
    for sentence in corpus.sentences:
        known = first.setdefault(sentence.core, sentence)
        if known is not sentence:
            yield known, sentence


def _leaks(corpus: Corpus) -> Iterator[Finding]:
    """Test messages that are (nearly) learned from, so that they prove nothing."""
    learned = {sentence.core: sentence for sentence in corpus.sentences}
    for test in corpus.tests:
        if known := learned.get(test.core):
            severity: Literal["error", "warning"] = "error" if len(test.core) >= FORMED else "warning"
            yield Finding(
                severity,
                "leak",
                test.place,
                f"{test.text!r} is trained on ({known.place}): it proves nothing, drop it here",
            )


def _near_leaks(corpus: Corpus) -> Iterator[Finding]:
    if not (corpus.tests and corpus.sentences):
        return
    nearness = Nearness([sentence.form for sentence in corpus.sentences])
    for at, to, cosine in nearness.likes([test.form for test in corpus.tests], LEAKED):
        test, known = corpus.tests[at], corpus.sentences[to]
        if test.core != known.core:
            message = (
                f"{test.text!r} is nearly {known.text!r} ({known.place}), {cosine:.2f}: word one of them otherwise"
            )
            yield Finding("warning", "near_leak", test.place, message)


def _few(corpus: Corpus) -> Iterator[Finding]:
    counts = corpus.counts
    for language, wanted in FEW.items():
        for intent in corpus.policy.intents:
            if (count := counts[language, intent]) < wanted:
                message = f"intent {intent} has {count} sentences in {language}: write at least {wanted}"
                yield Finding("warning", "few", f"{language}/nlu", message)


def _near(corpus: Corpus) -> Iterator[Finding]:
    """Twins of different intents one by one; of the same intent only if it is full of them."""
    if not corpus.sentences:
        return
    twins: defaultdict[str, set[Sentence]] = defaultdict(set)
    for at, to, cosine in Nearness([sentence.form for sentence in corpus.sentences]).pairs(NEAR):
        one, other = corpus.sentences[at], corpus.sentences[to]
        if one.intent == other.intent:
            twins[one.intent] |= {one, other}
        elif one.core != other.core:
            message = (
                f"{other.text!r} ({other.intent}) is nearly {one.text!r} ({one.intent}, {one.place}), {cosine:.2f}"
            )
            yield Finding("warning", "near_duplicate", other.place, message)
    yield from _monotonous(corpus, twins)


def _monotonous(corpus: Corpus, twins: dict[str, set[Sentence]]) -> Iterator[Finding]:
    sizes = Counter(sentence.intent for sentence in corpus.sentences)
    for intent, alike in sorted(twins.items()):
        if len(alike) > MONOTONOUS * sizes[intent]:
            place = min(sentence.place for sentence in alike)
            message = f"{len(alike)} of the {sizes[intent]} sentences of {intent} have a twin in it: vary the wording"
            yield Finding("warning", "too_similar", place, message)
