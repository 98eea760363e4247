"""The classifier: every text learned from bears witness, the more the more alike it is to what is asked.

Likeness by characters costs a fraction of a millisecond; the sentence embedding beside it costs ten, so it is
asked only where characters are not sure. What resembles nothing gets little evidence for anything.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from bot.errors import ContentError
from bot.language import bare
from bot.nlu import embedding
from bot.nlu.acts import Acts
from bot.nlu.calibration import DIGITS, Scale, Threshold, probabilities
from bot.nlu.features import Floats, Vocabulary, prepare
from bot.nlu.judge import Judge
from bot.nlu.likeness import Characters, Meanings, evidence

SHOWN = 8
STRANGER = 0.5


@dataclass(frozen=True)
class View:
    """What each witness says for each intent (intents × texts), who judges what they say, and what is sure then.

    A text without a witness worth the floor resembles nothing, whatever is said of it. A wrong answer misleads, a
    wrong hand-over only costs a person's moment: each has its own threshold.
    """

    witnesses: Floats
    judge: Judge
    floor: float
    temperature: float
    scale: Scale
    answer: Threshold
    handover: Threshold

    def hear(self, worth: Floats) -> Floats:
        """What the witnesses say. Not by BLAS, whose threads spin for a core they do not get."""
        return np.asarray(np.einsum("ji,i->j", self.witnesses, worth))

    def scores(self, said: Floats) -> Any:
        """What the judge makes of what was said, at this view's temperature."""
        return self.judge.scores(said) / self.temperature

    def confidence(self, odds: Any, worth: Floats) -> float:
        """How likely it is right to act, by the odds against the strongest other act; of strange texts half."""
        return float(self.scale.confidence(odds)) * (1.0 if worth.max() >= self.floor else STRANGER)


@dataclass(frozen=True)
class Prediction:
    """What to act on and how likely that is right; the other intents and their chances, the likeliest first.

    `threshold` is that of the view that judged.
    """

    ranking: tuple[tuple[str, float], ...]
    threshold: Threshold

    @property
    def sure(self) -> bool:
        best = self.ranking[0][1]
        second = self.ranking[1][1] if len(self.ranking) > 1 else 0.0
        return best >= self.threshold.accept and best - second >= self.threshold.margin


@dataclass(frozen=True)
class Model:
    """All that was learned. Without `meanings`, or without an embedding in this process, characters decide alone."""

    acts: Acts
    characters: Characters
    lean: View
    meanings: Meanings | None = None
    full: View | None = None

    def predict(self, text: str) -> Prediction:
        """What `text` means, by characters if they suffice, else with its embedding."""
        prepared = prepare(text)
        likeness = self.characters.likeness(prepared)
        worth = evidence(likeness.copy())
        said = self.lean.hear(worth)
        first = self._ranked(self.lean, worth, self.lean.scores(said))
        return first if first.sure or not self.embeds else self._with_embedding(prepared, likeness, said)

    def glance(self, text: str) -> Prediction:
        """What `text` means by characters alone: for whom it is decided otherwise already."""
        worth = evidence(self.characters.likeness(prepare(text)))
        return self._ranked(self.lean, worth, self.lean.scores(self.lean.hear(worth)))

    @property
    def embeds(self) -> bool:
        """Whether the embedding may be asked."""
        return self.full is not None and not embedding.trouble()

    def _with_embedding(self, prepared: str, likeness: Floats, said: Floats) -> Prediction:
        assert self.meanings is not None
        assert self.full is not None
        by_meaning = self.meanings.likeness(embedding.vector(bare(prepared)))
        worth = evidence(likeness, by_meaning)
        scores = self.full.scores(np.concatenate([self.full.hear(worth), said]))
        return self._ranked(self.full, worth, scores)

    def _ranked(self, view: View, worth: Floats, scores: Any) -> Prediction:
        chances = probabilities(scores)
        top, odds = self.acts.best(chances)
        others = [at for at in np.argsort(-chances)[:SHOWN] if at != top]
        ranking = [(top, view.confidence(odds, worth)), *((at, chances[at]) for at in others)]
        named = tuple((self.acts.intents[at], round(float(chance), DIGITS)) for at, chance in ranking)
        return Prediction(named, view.answer if self.acts.automatic[top] else view.handover)

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and JSON: loading it runs no code of the file."""
        characters = self.characters
        arrays = {
            "idf": characters.vocabulary.weights,
            "starts": characters.starts,
            "texts": characters.texts,
            "weights": characters.weights,
            **_arrays("lean", self.lean),
        }
        facts = {
            "intents": self.acts.intents,
            "categories": self.acts.categories,
            "answered": sorted(self.acts.answered),
            "terms": list(characters.vocabulary.columns),
            "unknown": characters.vocabulary.unknown,
            "lean": _calibration(self.lean),
        }
        if self.meanings and self.full:
            arrays |= asdict(self.meanings)
            arrays |= _arrays("full", self.full)
            facts["full"] = _calibration(self.full)
        np.savez(folder / "model.npz", **arrays)
        (folder / "model.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """The model saved in `folder`; a ContentError if it is not whole."""
        try:
            return cls._read(folder)
        except (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError) as error:
            raise ContentError(f"{folder.name}: no model ({type(error).__name__}); train it again") from error

    @classmethod
    def _read(cls, folder: Path) -> "Model":
        facts = json.loads((folder / "model.json").read_text("utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as file:
            arrays = dict(file)
        acts = Acts(tuple(facts["intents"]), tuple(facts["categories"]), frozenset(facts["answered"]))
        columns = {term: column for column, term in enumerate(facts["terms"])}
        vocabulary = Vocabulary(columns, arrays["idf"], facts["unknown"])
        lean = _view("lean", arrays, facts)
        count = lean.witnesses.shape[1]
        characters = Characters(vocabulary, arrays["starts"], arrays["texts"], arrays["weights"], count)
        if "full" not in facts:
            return cls(acts, characters, lean)
        meanings = Meanings(arrays["centre"], arrays["directions"])
        return cls(acts, characters, lean, meanings, _view("full", arrays, facts))


def _arrays(name: str, view: View) -> dict[str, Any]:
    judge = view.judge
    return {f"{name}_witnesses": view.witnesses, f"{name}_judge": judge.weights, f"{name}_bias": judge.bias}


def _calibration(view: View) -> dict[str, Any]:
    return {
        "floor": view.floor,
        "temperature": view.temperature,
        "scale": asdict(view.scale),
        "answer": asdict(view.answer),
        "handover": asdict(view.handover),
    }


def _view(name: str, arrays: dict[str, Any], facts: dict[str, Any]) -> View:
    judge, own = Judge(arrays[f"{name}_judge"], arrays[f"{name}_bias"]), facts[name]
    thresholds = Threshold(**own["answer"]), Threshold(**own["handover"])
    honest = own["floor"], own["temperature"], Scale(**own["scale"])
    return View(arrays[f"{name}_witnesses"], judge, *honest, *thresholds)
