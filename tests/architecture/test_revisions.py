"""Upgrading without downtime: what lies between two versions only adds, so that old code works beside new code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.db import MIGRATIONS

FIRST = "r0001_first.py"
ADDING = {"add_columns", "add_index", "add_unique", "loosen_unique", "create_table", "add_search", "index_at_once", "f"}
REFUSED_BEFORE = {"users": "provider_name"}
"""What old code does not write twice either: it looks first, so the index refuses it only when two do it at once."""
LATER = sorted(path for path in (MIGRATIONS / "versions").glob("*.py") if path.name != FIRST)


def upgrade(path: Path) -> ast.FunctionDef:
    tree = ast.parse(path.read_text("utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade")


def calls(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a method, by its name."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            yield inner.func.attr, inner


def operations(path: Path) -> list[tuple[str, ast.Call]]:
    """What a revision does: the calls on Alembic's `op`, and on `live` for tables of a shop at work."""
    return [
        (name, call)
        for name, call in calls(upgrade(path))
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("op", "live")
    ]


def given(call: ast.Call) -> dict[str, str]:
    return {keyword.arg or "": ast.unparse(keyword.value) for keyword in call.keywords}


def plain_index(call: ast.Call) -> bool:
    """Dropping an index that only makes reading fast: our names of the others begin with uq."""
    return ast.unparse(call).startswith("live.drop_index('ix_")


def test_there_is_something_to_look_at() -> None:
    assert all(operations(path) for path in [MIGRATIONS / "versions" / FIRST, *LATER])


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_revision_takes_nothing_away(path: Path) -> None:
    assert [ast.unparse(call) for name, call in operations(path) if name not in ADDING and not plain_index(call)] == []


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_new_column_may_be_left_out_by_old_code(path: Path) -> None:
    added = [column for name, call in operations(path) if name == "add_columns" for column in calls(call)]
    columns = [call for name, call in added if name == "Column"]
    asked = [
        ast.unparse(c) for c in columns if given(c).get("nullable") == "False" and "server_default" not in given(c)
    ]
    assert asked == []


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_revision_touches_tables_of_a_shop_at_work_only_through_live(path: Path) -> None:
    """There each change stands alone and waits briefly; and an index refuses no row of old code."""
    touched = [ast.unparse(call) for _, call in operations(path) if ast.unparse(call).startswith("op.")]
    assert [call for call in touched if not call.startswith("op.f(")] == []


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_only_what_old_code_refuses_as_well_becomes_unique(path: Path) -> None:
    uniques = [call for name, call in operations(path) if name == "add_unique"]
    assert all(REFUSED_BEFORE.get(ast.literal_eval(call.args[1])) == ast.literal_eval(call.args[2]) for call in uniques)
