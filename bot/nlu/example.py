"""What is learned from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A sentence and what it means."""

    text: str
    intent: str
