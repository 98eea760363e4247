"""Training: weigh the witnesses, teach the judges, and choose from verdicts on unseen texts what is sure enough."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from bot.language import bare
from bot.nlu import embedding, judge, panels, precomputed
from bot.nlu.acts import Acts, Flags
from bot.nlu.calibration import STRANGE, Scale, Threshold, Verdicts, choose, probabilities, scale, temperature
from bot.nlu.example import Example
from bot.nlu.features import Floats, prepare
from bot.nlu.figures import figures
from bot.nlu.likeness import Characters, Meanings, evidence
from bot.nlu.model import Model, View
from bot.nlu.panels import Testimony
from bot.nlu.ridge import Positions

SHARE_OF_CHARACTERS = 0.25  # of the errors allowed: they are quick, but their errors buy fewer answers
NO_CATEGORIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Targets:
    """At most these shares of all messages may be answered, or handed to a person, on a wrong understanding."""

    answers: float = 0.01
    handovers: float = 0.05


@dataclass(frozen=True)
class _Lesson:
    """What judges and thresholds learn from: the intent of each text of the sample, and what is done about intents."""

    truth: Positions
    acts: Acts
    targets: Targets

    def wrong(self, top: Positions) -> Flags:
        """Where acting on `top` is another thing than what the text needs."""
        return np.asarray(~self.acts.same[top, self.truth])


@dataclass(frozen=True)
class _Learned:
    """One view before its thresholds, and its verdicts on texts unseen."""

    witnesses: Floats
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
) -> tuple[Model, dict[str, Any]]:
    """The model of `examples`, and its figures. `answered` are the intents that are answered automatically.

    What an intent is called is learned from too, as one more text; nothing is measured on that.
    """
    acts = Acts.of([example.intent for example in examples], categories, answered)
    texts = learned_from([example.text for example in examples], acts.intents)
    names = [*(example.intent for example in examples), *acts.intents]
    truth = np.array([acts.intents.index(name) for name in names], dtype=np.int64)
    sample = panels.sample(truth)
    lesson, written = _Lesson(truth[sample], acts, targets or Targets()), sample < len(examples)
    characters = Characters.learn(texts)
    with ThreadPoolExecutor(1) as aside:  # learning from characters leaves half of the processor idle
        embedded = None if embedding.trouble() else aside.submit(precomputed.vectors, [bare(text) for text in texts])
        meanings, by_characters, by_both = _heard(truth, sample, characters, embedded)
    lean = _learn(lesson, by_characters, by_characters.said)
    if meanings is None:
        view, passed = _calibrated(lesson, lean, written, 1)
        return Model(acts, characters, view), _figures(lean.verdicts, passed, lesson, written)
    view, passed = _calibrated(lesson, lean, written, SHARE_OF_CHARACTERS)
    full = _learn(lesson, by_both, np.hstack([by_both.said, by_characters.said]))
    second, passed_second = _calibrated(lesson, full, written & ~passed, 1 - SHARE_OF_CHARACTERS)
    final = full.verdicts.but(passed, lean.verdicts)
    facts = _figures(final, passed | passed_second, lesson, written) | {
        "texts": len(examples),
        "accuracy_by_characters": round(float((lean.verdicts.top == lesson.truth)[written].mean()), 4),
        "sure_by_characters": round(float(passed[written].mean()), 4),
    }
    return Model(acts, characters, view, meanings, second), facts


def learned_from(texts: Sequence[str], intents: Sequence[str]) -> list[str]:
    """What is learned from, prepared: these texts, then what the intents are called."""
    return [prepare(text) for text in (*texts, *(intent.replace("_", " ") for intent in intents))]


def _figures(judged: Verdicts, passed: Flags, lesson: _Lesson, written: Flags) -> dict[str, Any]:
    return figures(judged.of(written), passed[written], lesson.truth[written], lesson.acts)


def _heard(
    truth: Positions, sample: Positions, characters: Characters, embedded: Future[Floats] | None
) -> tuple[Meanings | None, Testimony, Testimony]:
    """What all texts say of the sample by characters, and by both; panel by panel, since what they are worth is large.

    `truth` is each text's intent; every intent is called something, so that none is without a text.
    """
    dealt, meanings = panels.deal(truth), None
    by_characters, by_both = (Testimony.of(truth, sample, truth.max() + 1, len(dealt)) for _ in range(2))
    for panel in dealt:
        rows = by_characters.rows(panel)
        worth = evidence(characters.pairs(rows, panel))
        by_characters.hear(panel, worth)
        if embedded:
            meanings = meanings or Meanings.learn(embedded.result())
            by_both.hear(panel, meanings.beside(worth, rows, panel))
        del worth  # it takes a gigabyte, as the next one will
    return meanings, by_characters, by_both


def _learn(lesson: _Lesson, testimony: Testimony, heard: Floats) -> _Learned:
    """A view whose judge hears this of each text: what its own witnesses say comes first."""
    classes = len(lesson.acts.intents)
    taught, scores = judge.taught(heard, lesson.truth, classes)
    heat = temperature(scores, lesson.truth)
    top, odds = lesson.acts.best(probabilities(scores, heat))
    honest = scale(odds, ~lesson.wrong(top))
    floor = float(np.quantile(testimony.nearest, STRANGE))
    verdicts = Verdicts(top, honest.confidence(odds))
    return _Learned(np.ascontiguousarray(testimony.weights.T), taught, floor, heat, honest, verdicts)


def _calibrated(lesson: _Lesson, learned: _Learned, left: Flags, share: float) -> tuple[View, Flags]:
    """The view with its thresholds, from the texts that are `left` to it; and which of them pass.

    It may make this share of the errors that are allowed.
    """
    judged, targets = learned.verdicts, lesson.targets
    wrong, answers = lesson.wrong(judged.top), lesson.acts.automatic[judged.top]
    answer = _threshold(judged, left & answers, wrong, share * targets.answers)
    handover = _threshold(judged, left & ~answers, wrong, share * targets.handovers)
    passed = left & (judged.confidence >= np.where(answers, answer.accept, handover.accept))
    honest = learned.floor, learned.heat, learned.scale
    return View(learned.witnesses, learned.judge, *honest, answer, handover), passed


def _threshold(judged: Verdicts, chosen: Flags, wrong: Flags, share: float) -> Threshold:
    return choose(judged.confidence[chosen], wrong[chosen], share * len(wrong))
