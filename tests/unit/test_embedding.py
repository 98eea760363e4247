"""The sentence embedding's memory: what was asked for lately is there for who cannot wait."""

from types import SimpleNamespace

import pytest

from bot.nlu import embedding

TEXT = "一句沒有人說過的話"


def test_what_somebody_asked_for_is_known_as_long_as_it_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_kept_engine", lambda: SimpleNamespace(query=lambda text: [1.0, 0.0]))
    assert embedding.known(TEXT) is None
    made = embedding.vector(TEXT)
    assert embedding.known(TEXT) is made
    del made
    assert embedding.known(TEXT) is not None
    embedding.vector.cache_clear()
    assert embedding.known(TEXT) is None
