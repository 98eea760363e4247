"""Proves that `bot.nlu.algorithm` runs in Rasa's Python with Rasa's pins, and understands there as it does here.

In an environment with only those few packages of Rasa's lock that the algorithm may need: whatever else it imported
would be missing. `make test` asks the whole server.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.nlu import shipped
from tools.one_home import PINNED
from tools.rasa_python import ROOT, fill, locked

VENV = ROOT / ".venv-algorithm"
PACKAGES = (*PINNED, "cloudpickle", "joblib", "threadpoolctl")
INTENTS, SENTENCES, EVERY = 12, 18, 3  # of an intent's sentences each third is asked, the others are learned
AGREEMENT = 0.99
NEAR = 0.02  # between the confidences of two trainings; a model that has only moved says the same to a thousandth
SAME = 0.001

Answers = Sequence[tuple[str, float]]


def main() -> None:
    fill(VENV, PACKAGES)
    lesson = json.dumps(_lesson())
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "here", Path(folder) / "there"
        ours = _home(sys.executable, lesson, here)
        theirs = _home(str(VENV / "bin" / "python"), lesson, there, here)
    wrong = [*_unpinned(theirs), *_differences(ours, theirs)]
    if wrong:
        sys.exit("algorithm: " + "\nalgorithm: ".join(wrong))
    numpy = theirs["versions"]["numpy"]
    print(f"algorithm: the same on Python {theirs['python']} with numpy {numpy}, for {len(ours['own'])} sentences")


def _lesson() -> dict[str, Any]:
    """Some intents with some sentences, in both languages."""
    every = sorted({example.intent for example in shipped.examples()})
    chosen = every[:: len(every) // INTENTS]
    known = [example for example in shipped.examples() if example.intent in chosen]
    per_intent = {intent: [example for example in known if example.intent == intent][-SENTENCES:] for intent in chosen}
    whole = [(example.text, intent) for intent, examples in per_intent.items() for example in examples]
    asked = whole[::EVERY]
    return {"learn": [pair for pair in whole if pair not in asked], "ask": [text for text, _ in asked]}


def _home(python: str, lesson: str, *folders: Path) -> dict[str, Any]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [python, "-m", "tools.one_home", *map(str, folders)]
    done = subprocess.run(command, input=lesson, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"algorithm: it does not run on {python}; the lines above say why")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _unpinned(theirs: dict[str, Any]) -> list[str]:
    pins, versions = locked(PINNED), theirs["versions"].items()
    return [f"ran with {name} {found}, not as locked" for name, found in versions if f"{name}=={found} " not in pins]


def _differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    if ours["embedding"] != theirs["embedding"]:
        return [f"embedding here: {ours['embedding'] or 'works'}; there: {theirs['embedding'] or 'works'}"]
    trained, moved = _agreed(ours["own"], theirs["own"], NEAR), _agreed(ours["own"], theirs["others"], SAME)
    return [
        *([f"trained there, it agrees on {trained:.1%} only"] if trained < AGREEMENT else []),
        *([f"trained here and loaded there, it agrees on {moved:.1%} only"] if moved < 1 else []),
    ]


def _agreed(ones: Answers, others: Answers, near: float) -> float:
    """The share of sentences with the same intent and nearly the same confidence."""
    pairs = zip(ones, others, strict=True)
    return sum(one[0] == other[0] and abs(one[1] - other[1]) <= near for one, other in pairs) / len(ones)


if __name__ == "__main__":
    main()
