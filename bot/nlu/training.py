"""Training: weigh the witnesses, teach the judges, and choose from verdicts on unseen texts what is sure enough."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from bot.language import bare
from bot.nlu import embedding, judge, ridge
from bot.nlu.acts import Acts, Flags
from bot.nlu.calibration import STRANGE, Scale, Threshold, Verdicts, agreed, choose, probabilities, scale, temperature
from bot.nlu.example import Example
from bot.nlu.features import Floats, prepare
from bot.nlu.figures import figures
from bot.nlu.likeness import Characters, Meanings, evidence, nearest
from bot.nlu.model import Model, View

SHARE_OF_CHARACTERS = 0.25  # of the errors allowed: they are quick, but their errors buy fewer answers
HARDER = 2.0  # sentences written to be told apart are mistaken so much oftener than messages of strangers
MOST_EMBEDDED = 5500  # an embedding costs more than everything else about a sentence
NO_CATEGORIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Targets:
    """At most these shares of all messages may be answered, or handed to a person, on a wrong understanding."""

    answers: float = 0.01
    handovers: float = 0.05


@dataclass(frozen=True)
class _Lesson:
    """What is learned: the intent of each text, and what is done about intents."""

    truth: ridge.Positions
    acts: Acts
    targets: Targets

    def wrong(self, top: ridge.Positions) -> Flags:
        """Where acting on `top` is another thing than what the text needs."""
        return np.asarray(~self.acts.same[top, self.truth])

    def of(self, some: ridge.Positions) -> "_Lesson":
        """What some of the texts teach."""
        return replace(self, truth=self.truth[some])


@dataclass(frozen=True)
class _Heard:
    """What a view's witnesses say of texts unseen, and how its judge, who did not learn from them, scores that."""

    said: Floats
    scores: Any

    def of(self, some: ridge.Positions) -> "_Heard":
        """What is heard of some of the texts."""
        return _Heard(self.said[some], self.scores[some])


@dataclass(frozen=True)
class _Learned:
    """One view before its thresholds, and its verdicts on texts unseen."""

    witnesses: Floats
    heard: _Heard
    judge: judge.Judge
    floor: float
    heat: float
    scale: Scale
    verdicts: Verdicts


def train(
    examples: Sequence[Example],
    answered: frozenset[str],
    categories: Mapping[str, str] = NO_CATEGORIES,
    targets: Targets | None = None,
    most_embedded: int = MOST_EMBEDDED,
) -> tuple[Model, dict[str, Any]]:
    """The model of `examples`, and its figures. `answered` are the intents that are answered automatically.

    All texts are learned from by their characters; with the embedding too as many as may be embedded, of each intent
    alike. What an intent is called is learned from too, as one more text; nothing is measured on that.
    """
    acts = Acts.of([example.intent for example in examples], categories, answered)
    texts = [prepare(text) for text in (*(example.text for example in examples), *map(_spoken, acts.intents))]
    names = [*(example.intent for example in examples), *acts.intents]
    truth = np.array([acts.intents.index(name) for name in names], dtype=np.int64)
    lesson = _Lesson(truth, acts, targets or Targets())
    written = np.arange(len(texts)) < len(examples)
    characters = Characters.learn(texts)
    some = _sample(truth, written, most_embedded)
    with ThreadPoolExecutor(1) as aside:  # learning from characters leaves half of the processor idle
        embedded = None if embedding.trouble() else aside.submit(embedding.vectors, [bare(texts[at]) for at in some])
        alike = characters.pairs()
        among = alike[np.ix_(some, some)]
        lean = _learn(lesson, evidence(alike))
    if embedded is None:
        view, passed = _calibrated(lesson, lean, written, 1)
        return Model(acts, characters, view), _figures(lean.verdicts, passed, lesson, written)
    view, passed = _calibrated(lesson, lean, written, SHARE_OF_CHARACTERS)
    meanings = Meanings.learn(some, embedded.result())
    part, done = lesson.of(some), passed[some]
    full = _learn(part, evidence(among, meanings.pairs()), lean.heard.of(some))
    second, passed_second = _calibrated(part, full, written[some] & ~done, 1 - SHARE_OF_CHARACTERS)
    final = full.verdicts.but(done, lean.verdicts.of(some))
    facts = _figures(final, done | passed_second, part, written[some]) | {
        "texts": len(examples),
        "texts_embedded": len(some),
        "accuracy_by_characters": round(float((lean.verdicts.top == truth)[written].mean()), 4),
        "sure_by_characters": round(float(passed[written].mean()), 4),
    }
    return Model(acts, characters, view, meanings, second), facts


def _sample(truth: ridge.Positions, written: Flags, most: int) -> ridge.Positions:
    """The texts to embed, in order: what intents are called, then one more of every intent in turn."""
    shuffled = np.random.default_rng(11).permutation(len(truth))
    shuffled = shuffled[np.argsort(written[shuffled], kind="stable")]
    ordered = shuffled[np.argsort(truth[shuffled], kind="stable")]
    starts = np.searchsorted(truth[ordered], truth[ordered])
    turn = np.arange(len(ordered)) - starts
    return np.sort(ordered[np.argsort(turn, kind="stable")][:most])


def _spoken(intent: str) -> str:
    return intent.replace("_", " ")


def _figures(judged: Verdicts, passed: Flags, lesson: _Lesson, written: Flags) -> dict[str, Any]:
    return figures(judged.of(written), passed[written], lesson.truth[written], lesson.acts)


def _learn(lesson: _Lesson, worth: Floats, before: _Heard | None = None) -> _Learned:
    """A view; it hears also what the view `before` it heard, and agrees with that one's judge."""
    classes = len(lesson.acts.intents)
    floor = float(np.quantile(nearest(worth), STRANGE))
    weights, said = ridge.solve(worth, lesson.truth, classes)
    heard = said if before is None else np.hstack([said, before.said])
    scores = judge.out_of_fold(heard, lesson.truth, classes)
    heat = temperature(scores, lesson.truth)
    scores = scores / heat
    both = scores if before is None else agreed(scores, before.scores)
    top, odds = lesson.acts.best(probabilities(both))
    honest = scale(odds, ~lesson.wrong(top))
    taught = judge.fit(heard, lesson.truth, classes)
    witnesses = np.ascontiguousarray(weights.T)
    return _Learned(
        witnesses, _Heard(said, scores), taught, floor, heat, honest, Verdicts(top, honest.confidence(odds))
    )


def _calibrated(lesson: _Lesson, learned: _Learned, left: Flags, share: float) -> tuple[View, Flags]:
    """The view with its thresholds, from the texts that are `left` to it; and which of them pass.

    It may make this share of the errors that are allowed, and wrong answers oftener, as sentences are harder.
    """
    judged, targets = learned.verdicts, lesson.targets
    wrong, answers = lesson.wrong(judged.top), lesson.acts.automatic[judged.top]
    answer = _threshold(judged, left & answers, wrong, share * HARDER * targets.answers)
    handover = _threshold(judged, left & ~answers, wrong, share * targets.handovers)
    passed = left & (judged.confidence >= np.where(answers, answer.accept, handover.accept))
    honest = learned.floor, learned.heat, learned.scale
    return View(learned.witnesses, learned.judge, *honest, answer, handover), passed


def _threshold(judged: Verdicts, chosen: Flags, wrong: Flags, share: float) -> Threshold:
    return choose(judged.confidence[chosen], wrong[chosen], share * len(wrong))
