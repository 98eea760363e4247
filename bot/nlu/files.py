"""Where the files of nlu_data lie, and reading one."""

from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError

ROOT = Path(__file__).resolve().parents[2] / "nlu_data"
LANGUAGE = "zh-TW"


def read_yaml(name: str) -> dict[str, Any]:
    """The mapping in a file of nlu_data, named by its path below it."""
    try:
        data = yaml.load(ROOT.joinpath(name).read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContentError(f"{name}: no YAML: {error}") from error
    if not isinstance(data, dict):
        raise ContentError(f"{name}: holds no mapping; it starts with keys at the left margin")
    return data
