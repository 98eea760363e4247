"""Upgrading without downtime: what lies between two versions only adds, so that old code works beside new code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.db import MIGRATIONS

FIRST = "r0001_first.py"
ADDING = {"add_column", "batch_alter_table", "create_index", "create_table", "f"}
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
    """What a revision does: the calls on Alembic's `op` and its batches."""
    return [
        (name, call)
        for name, call in calls(upgrade(path))
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in ("op", "batch_op")
    ]


def given(call: ast.Call) -> dict[str, str]:
    return {keyword.arg or "": ast.unparse(keyword.value) for keyword in call.keywords}


def plain_index(call: ast.Call) -> bool:
    """Dropping an index that only makes reading fast: our names of the others begin with uq."""
    return ".drop_index(" in ast.unparse(call) and "'ix_" in ast.unparse(call)


def test_there_is_something_to_look_at() -> None:
    assert all(operations(path) for path in [MIGRATIONS / "versions" / FIRST, *LATER])


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_revision_takes_nothing_away(path: Path) -> None:
    assert [ast.unparse(call) for name, call in operations(path) if name not in ADDING and not plain_index(call)] == []


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_new_column_may_be_left_out_by_old_code(path: Path) -> None:
    added = [column for name, call in operations(path) if name == "add_column" for column in calls(call)]
    columns = [call for name, call in added if name == "Column"]
    asked = [
        ast.unparse(c) for c in columns if given(c).get("nullable") == "False" and "server_default" not in given(c)
    ]
    assert asked == []


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem)
def test_a_new_index_refuses_no_row_of_old_code(path: Path) -> None:
    unique = [call for name, call in operations(path) if name == "create_index" and given(call).get("unique") == "True"]
    assert [ast.unparse(call) for call in unique] == []
