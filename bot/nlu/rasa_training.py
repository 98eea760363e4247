"""Having a Rasa server learn other data for a while, to measure it; afterwards it serves its own model again."""

import contextlib
from collections.abc import Iterator, Sequence

import yaml

from bot.nlu.files import ROOT
from bot.nlu.rasa import Rasa
from bot.nlu.training_data import Example


@contextlib.contextmanager
def trained_on(server: Rasa, examples: Sequence[Example]) -> Iterator[None]:
    """Within this, `server` understands by `examples`."""
    before = server.model_file()
    server.load(server.train(_project(examples)))
    try:
        yield
    finally:
        if before:
            server.load(before)


def _project(examples: Sequence[Example]) -> str:
    """Configuration and data in one YAML document, as Rasa's training call wants them."""
    config = yaml.safe_load((ROOT / "rasa" / "config.yml").read_text("utf-8"))
    blocks = [
        {"intent": intent, "examples": "".join(f"- {_one_line(text)}\n" for text in texts)}
        for intent, texts in _by_intent(examples).items()
    ]
    return yaml.safe_dump({**config, "version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False)


def _by_intent(examples: Sequence[Example]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for example in examples:
        grouped.setdefault(example.intent, []).append(example.text)
    return grouped


def _one_line(text: str) -> str:
    """Brackets mark entities in Rasa's format; here they are only characters."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")
