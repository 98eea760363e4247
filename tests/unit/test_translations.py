"""Every text of the pages can be read in English; the zh-TW text is the msgid."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("bot", "handoff", "faq")
CATALOG = ROOT / "bot/translations/en/LC_MESSAGES"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
REASONS = ("Reasoned", "Refused", "UnreadableFile", "ChangeRefused", "ChangeUnclear", "ChangeBrokeOff")
FIELD = re.compile(r"%\((\w+)\)[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")


def texts() -> Iterator[str]:
    for package in PACKAGES:
        found = extract_from_dir(
            ROOT / package,
            METHODS,
            options_map={"**/templates/**.html": {"trim_blocks": "true"}},
            keywords=DEFAULT_KEYWORDS | dict.fromkeys(REASONS),
        )
        yield from (message for _, _, message, _, _ in found if isinstance(message, str) and HAN.search(message))


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (CATALOG / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_no_text_is_missing_in_english(english: Catalog) -> None:
    missing = sorted({text for text in texts() if not (english.get(text) and english[text].string)})
    assert missing == []


def test_a_translation_keeps_the_fields_of_its_text(english: Catalog) -> None:
    broken = [m.id for m in english if m.id and set(FIELD.findall(m.id)) != set(FIELD.findall(m.string))]
    assert broken == []


def test_pages_show_the_texts_as_last_translated(english: Catalog) -> None:
    with (CATALOG / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    shown = {m.id: m.string for m in compiled}
    stale = [m.id for m in english if m.id and shown.get(m.id) != m.string]
    assert stale == [], "run: pybabel compile -d bot/translations"


def untranslated(path: Path) -> Iterator[str]:
    """The Chinese in a module's code that is no text to translate."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(part) for call in ast.walk(tree) if _translates(call) for part in ast.walk(call.args[0])}
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # what explains the code
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and HAN.search(str(node.value)) and id(node) not in said | told:
            yield f"{path.name}: {node.value}"


def _translates(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", *REASONS)


def test_nothing_is_told_to_staff_in_chinese_alone(tmp_path: Path) -> None:
    modules = [path for folder in ("notify", "notifiers") for path in (ROOT / "handoff" / folder).glob("*.py")]
    assert [text for path in modules for text in untranslated(path)] == []
    slip = tmp_path / "slip.py"
    slip.write_text('"""說明"""\n_ = speak(HOUSE)\ntitle = _("期限") + f"還有 {n} 件"\n', "utf-8")
    assert list(untranslated(slip)) == ["slip.py: 還有 ", "slip.py:  件"]
