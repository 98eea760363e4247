"""Training data: Rasa's YAML format, and lines of JSON for benchmarks; errors name file, intent and line."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.nlu.example import Example as Example

ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
FEWEST = 2


def read(path: Path) -> list[Example]:
    """All examples of a file, in order, each sentence once."""
    return read_all([path])


def read_all(paths: Sequence[Path]) -> list[Example]:
    """All examples of some files, in order, each sentence once; the same sentence cannot mean two things."""
    found: dict[str, tuple[Example, str]] = {}
    for path in paths:
        for example, place in places(path.read_text("utf-8"), path.name):
            known, where = found.setdefault(example.text, (example, place))
            if known.intent != example.intent:
                raise ContentError(
                    f"{place}: intent {example.intent}: {example.text!r} is also an example of "
                    f"{known.intent} ({where}); keep it in one of them"
                )
    examples = [example for example, _ in found.values()]
    _check(examples, ", ".join(path.name for path in paths))
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


def places(source: str, file: str) -> Iterator[tuple[Example, str]]:
    """Each example of a file, with its place for error texts; nothing is compared with anything yet."""
    try:
        root = yaml.compose(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContentError(f"{file}: no YAML: {error}") from error
    for example, line in _examples(root, file):
        yield example, f"{file}:{line}"


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
