"""Where the files of nlu_data lie, and reading one."""

from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError

ROOT = Path(__file__).resolve().parents[2] / "nlu_data"
LANGUAGE = "zh-TW"


def read_every(name: str) -> list[tuple[str, dict[str, Any]]]:
    """The file of this name in each language that has one, the house's own first: (its path, what it holds)."""
    found = [f"{path.parent.name}/{name}" for path in ROOT.glob(f"*/{name}")]
    return [(file, read_yaml(file)) for file in sorted(found, key=lambda file: (not file.startswith(LANGUAGE), file))]


def read_yaml(name: str) -> dict[str, Any]:
    """The mapping in a file of nlu_data, named by its path below it."""
    try:
        data = yaml.load(ROOT.joinpath(name).read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContentError(f"{name}: no YAML: {error}") from error
    if not isinstance(data, dict):
        raise ContentError(f"{name}: holds no mapping; it starts with keys at the left margin")
    return data
