"""What a process works out once and keeps for as long as it runs: compiled statements, templates, addresses, the model.

A shop's process has one engine and one app; these stories have thousands, made anew each, and share that much.
"""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

from bot.nlu.model import Model

STATEMENTS = 3000
MODELS = 2  # at a time: each is a hundred megabytes
SELDOM = (50_000, 20, 20)


class Sqlite(SQLiteDialect_pysqlite):
    """Two that write JSON alike are one to whoever keeps statements by their dialect."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sqlite) and self._json_serializer == other._json_serializer

    def __hash__(self) -> int:
        return hash(self._json_serializer)


class Postgresql(PGDialect_psycopg):
    """Likewise."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Postgresql) and self._json_serializer == other._json_serializer

    def __hash__(self) -> int:
        return hash(self._json_serializer)


class Templates(BytecodeCache):
    """Keeps them in memory, by their source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._kept[bucket.key, bucket.checksum] = bucket.code


class Address(Rule):
    """What its words mean is the same in every app, and so is what builds it, unless some parts have defaults."""

    _read: ClassVar[dict[tuple[object, ...], tuple[Any, ...]]] = {}
    _built: ClassVar[dict[tuple[object, ...], Any]] = {}

    def _parse_rule(self, rule: str) -> list[RulePart]:
        key = (rule, *self._trace, frozenset(self.arguments))
        if key not in self._read:
            parts = list(super()._parse_rule(rule))
            self._read[key] = (parts, tuple(self._trace), dict(self._converters), frozenset(self.arguments))
        parts, trace, converters, arguments = self._read[key]
        self._trace, self._converters = list(trace), {**self._converters, **converters}
        self.arguments |= arguments
        return list(parts)

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        parts = (*self._trace, append_unknown)
        if parts not in self._built:
            self._built[parts] = super()._compile_builder(append_unknown)
        return self._built[parts]


@contextlib.contextmanager
def understanding() -> Iterator[None]:
    """Every engine that is made meanwhile shares the model that another has read from the same files, wherever they
    are linked: a shop's process reads them once, and each story has an engine of its own.
    """
    read, known = Model._read, LRUCache[Any, Model](MODELS, threshold=0)

    def once(folder: Path) -> Model:
        files = _same(folder / "model.json"), _same(folder / "model.npz")
        model = known[files] = known.get(files) or read(folder)
        return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, "_read", once)
        yield


def _same(file: Path) -> tuple[int, ...]:
    """Of two paths the same only where both lead to one file, which nobody has written since."""
    seen = file.stat()
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


@contextlib.contextmanager
def rarely_tidied() -> Iterator[None]:
    """What lives as long as the run is looked through for rubbish never, and the rest seldom: stories make much of it,
    and Python would look after every seven hundred things that are made.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@contextlib.contextmanager
def shared() -> Iterator[None]:
    """Every engine and app that is made meanwhile shares what others have worked out."""
    statements: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)

    registry.register("sqlite", __name__, Sqlite.__name__)
    registry.register("postgresql.psycopg", __name__, Postgresql.__name__)
    event.listen(Engine, "engine_connect", share)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Templates()})
        patch.setattr(Flask, "url_rule_class", Address)
        yield
    event.remove(Engine, "engine_connect", share)
