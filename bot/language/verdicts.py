"""The verdicts of scenario trees: how they are written, shown to colleagues and said to customers, in each language."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-TW": {"yes": "可以", "no": "不建議", "depends": "視情況評估"},
    "en": {"yes": "Yes", "no": "Not advised", "depends": "It depends"},
}
DEFAULT = "zh-TW"
NAMED: Mapping[str, str] = {word.lower(): name for words in WORDS.values() for name, word in words.items()}
"""What somebody may write for each, in small letters."""


def verdict(name: str, language: str) -> str:
    """What it is called in a language; in Chinese where we do not speak that one."""
    return WORDS.get(language, WORDS[DEFAULT])[name]
