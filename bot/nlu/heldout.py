"""Test messages: what customers write, and what should become of it. Nothing is ever trained on them."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ContentError
from bot.nlu.files import LANGUAGE, ROOT
from bot.nlu.policy import load

TESTS = ROOT / LANGUAGE / "tests"


class Case(BaseModel):
    """A message with what is expected of it; what is left empty is not judged. `origin`: where people write so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    text: str
    intent: str = ""
    category: str = ""
    risk: Literal["low", "high", ""] = ""
    complexity: Literal["simple", "complex", ""] = ""
    level: Literal["L3", "L2", "L1", ""] = ""
    route: Literal["auto", "clarify", "hybrid", "review", "human", ""] = ""
    origin: Literal["native", "mainland", ""] = ""


def shipped() -> list[Path]:
    """The files that were written apart from the training sentences."""
    return sorted(TESTS.glob("heldout-*.yml"))


def regression() -> Path:
    """The messages that no release may get wrong."""
    return TESTS / "regression.yml"


def read(path: Path) -> list[Case]:
    """The messages of a file; a ContentError names file, line and mend."""
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentError(f"{path.name}: cannot be read as YAML ({error})") from error
    if not isinstance(root, yaml.SequenceNode) or not root.value:
        raise ContentError(f"{path.name}:1: holds no list; write lines like `- {{text: …, category: …, route: …}}`")
    return [_case(node, f"{path.name}:{node.start_mark.line + 1}") for node in root.value]


def _case(node: yaml.Node, place: str) -> Case:
    if not isinstance(node, yaml.MappingNode):
        raise ContentError(f"{place}: no mapping; write `- {{text: …, category: …, route: …}}`")
    try:
        case = Case.model_validate({"place": place} | {key.value: value.value for key, value in node.value})
    except ValidationError as error:
        raise ContentError(f"{place}: {_mend(error.errors()[0])}") from error
    return _with_category(case)


def _mend(detail: Any) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    return f"{field}: {detail['msg']} (found {detail['input']!r})"


def _with_category(case: Case) -> Case:
    """The case with its category, which its intent may imply."""
    policy = load()[0]
    if case.intent and case.intent not in policy.intents:
        raise ContentError(f"{case.place}: policy.yml has no intent {case.intent!r}; mend the name")
    category = case.category or (policy.intents[case.intent].category if case.intent else "")
    if category not in policy.categories:
        raise ContentError(f"{case.place}: no category {category!r} in policy.yml; name a category or an intent of it")
    return case.model_copy(update={"category": category})
