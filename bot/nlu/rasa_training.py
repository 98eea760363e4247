"""What a Rasa server learns from: the release's own data in Rasa's format; or other data for a while, to measure it."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from bot.matrix import Policy, answered
from bot.models import Release
from bot.nlu import candidate, embedding, release, shipped
from bot.nlu.files import ROOT
from bot.nlu.policy import load
from bot.nlu.rasa import Rasa
from bot.nlu.training_data import Example
from bot.settings import Settings

COMPONENT = "frontline_rasa.classifier.Classifier"


def project_of(settings: Settings, live: Release) -> str:
    """The project of the live release. ContentError where its data are gone."""
    return lesson(settings, live.learned, _examples(settings, live), load()[0])


def lesson(settings: Settings, learned: str, examples: Sequence[Example], rules: Policy) -> str:
    """What a server is taught that is to understand as a release does: trained on this, it serves that one."""
    return project(
        examples,
        release=learned,
        answered=sorted(answered(rules)),
        categories={name: own.category for name, own in rules.intents.items()},
        wrong_answers=settings.wrong_answers,
        embedding=not embedding.trouble(),
    )


def _examples(settings: Settings, active: Release) -> list[Example]:
    """What the release has learned from: the shipped files, or what content staff made of them."""
    if active.learned == release.digest(settings):
        return shipped.examples()
    return candidate.sentences(settings, active)


def project(examples: Sequence[Example], configuration: str = "config.yml", **lesson: Any) -> str:
    """Configuration and data in one YAML document, as Rasa's training call wants them; the component gets `lesson`.

    The examples keep their order, since what is learned depends on it a little.
    """
    config = yaml.safe_load((ROOT / "rasa" / configuration).read_text("utf-8"))
    pipeline = [own | lesson if own["name"] == COMPONENT else own for own in config["pipeline"]]
    blocks = [
        {"intent": intent, "examples": "".join(f"- {_one_line(example.text)}\n" for example in block)}
        for intent, block in itertools.groupby(examples, key=lambda example: example.intent)
    ]
    intents = list(dict.fromkeys(example.intent for example in examples))
    whole = {**config, "pipeline": pipeline, "version": "3.1", "intents": intents, "nlu": blocks}
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)


@contextlib.contextmanager
def trained_on(engine: Rasa, examples: Sequence[Example], **lesson: Any) -> Iterator[None]:
    """Within this, the servers understand by `examples` and `lesson`; afterwards by their own models again."""
    learned = project(examples, answered=sorted({example.intent for example in examples}), **lesson)
    with contextlib.ExitStack() as afterwards:
        for server in engine.servers:
            before = server.model_file()
            if before:
                afterwards.callback(server.load, before)
            server.load(server.train(learned))
        yield


def _one_line(text: str) -> str:
    """Brackets mark entities in Rasa's format; here they are only characters."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")
