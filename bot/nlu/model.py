"""The classifier: two linear views of a text, the second asked only where the first is not sure.

Characters alone cost a fraction of a millisecond; the sentence embedding beside them costs ten. What resembles
nothing in the training data loses half its confidence, so that nonsense is not answered.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.errors import ContentError
from bot.nlu.calibration import Threshold, probabilities
from bot.nlu.embedding import vector
from bot.nlu.features import Vocabulary, prepare

Floats = NDArray[np.float32]
FAMILIAR = 0.5
STRANGER = 0.5
SHOWN = 8
CHARACTERS_WEIGH = 0.5


@dataclass(frozen=True)
class Space:
    """Where texts live: n-grams and centred embeddings; and the training texts, to measure nearness."""

    vocabulary: Vocabulary
    centre: Floats
    landmarks: Floats

    @classmethod
    def learn(cls, prepared: Sequence[str], embedded: Floats) -> "Space":
        centre = embedded.mean(axis=0)
        return cls(Vocabulary.learn(prepared), centre, _unit(embedded - centre))

    def centred(self, embedded: Floats) -> Floats:
        """Directions from the middle of all training texts: E5's own directions all look alike."""
        return _unit(embedded - self.centre)

    def nearness(self, direction: Floats) -> float:
        """Cosine to the nearest training text. Not by BLAS, whose threads spin for a core they do not get."""
        return float(np.einsum("ij,j->i", self.landmarks, direction).max())


@dataclass(frozen=True)
class View:
    """A linear classifier (features × intents), and the calibration of the verdicts made with it.

    A wrong answer misleads, a wrong hand-over only costs a person's moment: each has its own threshold.
    """

    weights: Floats
    bias: Floats
    temperature: float
    answer: Threshold
    handover: Threshold


@dataclass(frozen=True)
class Prediction:
    """Intents with probabilities, best first, and the threshold of the view that judged."""

    ranking: tuple[tuple[str, float], ...]
    threshold: Threshold

    @property
    def sure(self) -> bool:
        best = self.ranking[0][1]
        second = self.ranking[1][1] if len(self.ranking) > 1 else 0.0
        return best >= self.threshold.accept and best - second >= self.threshold.margin


@dataclass(frozen=True)
class Model:
    """All that was learned; nothing here needs scikit-learn."""

    intents: tuple[str, ...]
    answered: frozenset[str]
    space: Space
    floor: float
    lean: View
    full: View

    def predict(self, text: str) -> Prediction:
        """What `text` means, by characters if they suffice, else with its embedding."""
        prepared = prepare(text)
        columns, values = self.space.vocabulary.row(prepared)
        familiar = self.space.vocabulary.familiarity(prepared) >= FAMILIAR
        scores = values @ self.lean.weights[columns] + self.lean.bias
        first = self._ranked(scores, self.lean, familiar)
        return first if first.sure else self._with_embedding(prepared, scores)

    def _with_embedding(self, prepared: str, by_characters: Floats) -> Prediction:
        direction = self.space.centred(vector(prepared))
        scores = together(by_characters, direction @ self.full.weights + self.full.bias)
        return self._ranked(scores, self.full, self.space.nearness(direction) >= self.floor)

    def _ranked(self, scores: Floats, view: View, familiar: bool) -> Prediction:
        chances = probabilities(scores, view.temperature) * (1.0 if familiar else STRANGER)
        best = np.argsort(-chances)[:SHOWN]
        ranking = tuple((self.intents[at], round(float(chances[at]), 4)) for at in best)
        return Prediction(ranking, view.answer if ranking[0][0] in self.answered else view.handover)

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and JSON: loading it runs no code of the file."""
        space, lean, full = self.space, self.lean, self.full
        np.savez(
            folder / "model.npz",
            allow_pickle=False,
            idf=space.vocabulary.weights,
            centre=space.centre,
            landmarks=space.landmarks,
            lean=lean.weights,
            lean_bias=lean.bias,
            full=full.weights,
            full_bias=full.bias,
        )
        facts = {
            "intents": self.intents,
            "answered": sorted(self.answered),
            "floor": self.floor,
            "terms": list(space.vocabulary.columns),
            "lean": _calibration(lean),
            "full": _calibration(full),
        }
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
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            columns = {term: column for column, term in enumerate(facts["terms"])}
            space = Space(Vocabulary(columns, arrays["idf"]), arrays["centre"], arrays["landmarks"])
            lean = _view(arrays["lean"], arrays["lean_bias"], facts["lean"])
            full = _view(arrays["full"], arrays["full_bias"], facts["full"])
        return cls(tuple(facts["intents"]), frozenset(facts["answered"]), space, facts["floor"], lean, full)


def together(by_characters: Any, by_meaning: Any) -> Any:
    """The scores of both views as one: characters overfit more, so they weigh less."""
    return CHARACTERS_WEIGH * by_characters + by_meaning


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


def _calibration(view: View) -> dict[str, Any]:
    return {"temperature": view.temperature, "answer": asdict(view.answer), "handover": asdict(view.handover)}


def _view(weights: Floats, bias: Floats, facts: dict[str, Any]) -> View:
    return View(weights, bias, facts["temperature"], Threshold(**facts["answer"]), Threshold(**facts["handover"]))
