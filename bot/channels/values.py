"""Values of a platform's JSON as every store takes them: whatever was sent, nothing raises."""

import math
from typing import Any

from bot.messages import printable


def text_of(value: object) -> str:
    """A string as every store takes it; empty for anything else."""
    return printable(value) if isinstance(value, str) else ""


def object_of(value: object) -> dict[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def clean(value: Any, depth: int = 4) -> Any:
    """A value as every store takes it: printable strings, finite numbers, not too deep."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict | list) and depth == 0:
        return None
    if isinstance(value, dict):
        return {printable(str(key)): clean(held, depth - 1) for key, held in value.items()}
    return [clean(held, depth - 1) for held in value] if isinstance(value, list) else value
