"""Training data: Rasa's YAML format, and lines of JSON for benchmarks; errors name file, intent and line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError

ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
FEWEST = 2


@dataclass(frozen=True)
class Example:
    """A sentence and what it means."""

    text: str
    intent: str


def read(path: Path) -> list[Example]:
    """All examples of a file, in order, each sentence once."""
    examples = _parse(path.read_text("utf-8"), path.name)
    _check(examples, path.name)
    return examples


def read_jsonl(path: Path) -> list[Example]:
    """All examples of a file of lines `{"text", "intent"}`."""
    with path.open(encoding="utf-8") as lines:
        return [_from_json(line, f"{path.name}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]


def _from_json(line: str, place: str) -> Example:
    try:
        data = json.loads(line)
        return Example(str(data["text"]), str(data["intent"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ContentError(f'{place}: not an object with "text" and "intent"') from error


def _parse(source: str, file: str) -> list[Example]:
    try:
        root = yaml.compose(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContentError(f"{file}: no YAML: {error}") from error
    found: dict[str, Example] = {}
    for example, line in _examples(root, file):
        known = found.setdefault(example.text, example)
        if known.intent != example.intent:
            raise ContentError(
                f"{file}:{line}: intent {example.intent}: {example.text!r} is also an example of "
                f"{known.intent}; keep it in one of them"
            )
    return list(found.values())


def _examples(root: yaml.Node | None, file: str) -> Iterator[tuple[Example, int]]:
    blocks = _field(root, "nlu")
    if not isinstance(blocks, yaml.SequenceNode):
        raise ContentError(f"{file}:1: no list under `nlu:`; start the file with version and nlu")
    for block in blocks.value:
        yield from _block(block, file)


def _block(block: Any, file: str) -> Iterator[tuple[Example, int]]:
    intent, examples = _field(block, "intent"), _field(block, "examples")
    line = block.start_mark.line + 1
    if not isinstance(intent, yaml.ScalarNode) or not intent.value:
        raise ContentError(f"{file}:{line}: a block without `intent:`; name the intent of these examples")
    if not isinstance(examples, yaml.ScalarNode) or examples.style != "|":
        raise ContentError(f"{file}:{line}: intent {intent.value}: write `examples: |` and `- sentence` lines under it")
    for offset, text in enumerate(examples.value.splitlines(), start=examples.start_mark.line + 2):
        if text.strip():
            yield Example(_sentence(text, intent.value, f"{file}:{offset}"), intent.value), offset


def _sentence(line: str, intent: str, place: str) -> str:
    if not line.startswith("- ") or not line[2:].strip():
        raise ContentError(f"{place}: intent {intent}: {line!r} is no example; write `- ` and a sentence")
    return ANNOTATION.sub(r"\1", line[2:].strip())


def _field(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _check(examples: list[Example], file: str) -> None:
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.intent] = counts.get(example.intent, 0) + 1
    if len(counts) < 2:
        raise ContentError(f"{file}: {len(counts)} intent(s); telling apart needs at least two")
    for intent, count in counts.items():
        if count < FEWEST:
            raise ContentError(f"{file}: intent {intent} has {count} example; write at least {FEWEST}, better 25")
