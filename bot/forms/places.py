"""Where in a YAML file something stands, so that who wrote it finds it: its mistakes named by line and field."""

from collections.abc import Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import ContentError

Declared = TypeVar("Declared", bound=BaseModel)


def read(declared: type[Declared], text: str, file: str) -> Declared:
    """What is declared in a file's text; a ContentError names line, field and mend of every mistake."""
    try:
        data, tree = yaml.load(text, Loader=yaml.CSafeLoader), yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContentError(f"{file}: no YAML: {error}") from error
    try:
        return declared.model_validate(data)
    except ValidationError as error:
        raise ContentError("\n".join(_sentence(detail, file, tree) for detail in error.errors())) from error


def _sentence(detail: Any, file: str, tree: yaml.Node | None) -> str:
    field = ".".join(str(part) for part in detail["loc"]) or "the file"
    given = "" if detail["type"] in ("missing", "extra_forbidden") else f" (found {detail['input']!r})"
    return f"{file}:{_line(tree, detail['loc'])}: {field}: {detail['msg'].removeprefix('Value error, ')}{given}"


def _line(node: yaml.Node | None, way: Sequence[str | int]) -> int:
    """The line of what a way through the file leads to, or of the last step that is there."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in way:
        found = _child(node, step)
        if found is None:
            return line
        line, node = found
    return line


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None
