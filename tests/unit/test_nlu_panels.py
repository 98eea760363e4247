"""Witnesses in panels: each text is heard by all of them, and by none through itself."""

import numpy as np
import pytest

from bot.nlu import dealing, panels
from bot.nlu.panels import deal

TRUTH = np.array([0] * 30 + [1] * 20 + [2] * 10)


@pytest.fixture(autouse=True)
def small_panels(monkeypatch):
    monkeypatch.setattr(panels, "MOST", 25)


@pytest.fixture
def worth():
    """Of each text to each, as if by cosines of some directions; the last two texts say the same."""
    directions = np.random.default_rng(3).normal(size=(len(TRUTH), 8))
    directions[-1] = directions[-2]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return np.exp(directions @ directions.T - 1).astype(np.float32)


def heard(worth, truth, sample=None):
    return heard_in(worth, truth, deal(truth), sample)


def heard_in(worth, truth, dealt, sample=None):
    testimony = panels.Testimony.of(truth, np.arange(len(truth)) if sample is None else sample, 3, len(dealt))
    for panel in dealt:
        testimony.hear(panel, worth[np.ix_(testimony.rows(panel), panel)])
    return testimony


def test_every_text_sits_in_one_panel_and_each_has_its_share_of_every_intent():
    dealt = deal(TRUTH)
    assert sorted(np.concatenate(dealt)) == list(range(len(TRUTH)))
    for panel in dealt:
        assert len(panel) <= panels.MOST
        assert np.bincount(TRUTH[panel], minlength=3) == pytest.approx([10, 7, 3], abs=1)


def test_a_few_texts_are_one_panel():
    assert [list(panel) for panel in deal(TRUTH[:25])] == [list(range(25))]


@pytest.mark.parametrize("text", [0, 31, 59])
def test_what_is_said_of_a_text_does_not_come_from_itself(worth, text):
    other = TRUTH.copy()
    other[text] = (TRUTH[text] + 1) % 3  # had it meant another thing, the same would be said of it
    own, without = heard_in(worth, TRUTH, deal(TRUTH)), heard_in(worth, other, deal(TRUTH))
    assert without.said[text] == pytest.approx(own.said[text], abs=1e-4)
    assert not np.allclose(without.weights[text], own.weights[text], atol=1e-3)


def test_the_nearest_witness_may_sit_in_another_panel_and_is_never_the_text_itself(worth):
    alone = worth.copy()
    np.fill_diagonal(alone, 0)
    assert heard(worth, TRUTH).nearest == pytest.approx(alone.max(axis=1))


def test_what_all_say_of_a_stranger_is_the_mean_of_the_panels(worth):
    testimony = heard(worth[:-1, :-1], TRUTH[:-1])
    of_the_stranger = worth[-1, :-1] @ testimony.weights
    assert of_the_stranger.argmax() == TRUTH[-1]
    assert testimony.said.argmax(axis=1)[-1] in range(3)


def test_of_a_sample_the_same_is_said_as_of_all(worth):
    sample = np.array([0, 3, 29, 30, 44, 50, 59])
    everybody, few = heard(worth, TRUTH), heard(worth, TRUTH, sample)
    assert few.said == pytest.approx(everybody.said[sample], abs=1e-5)
    assert few.nearest == pytest.approx(everybody.nearest[sample])
    assert few.weights == pytest.approx(everybody.weights, abs=1e-5)


@pytest.mark.parametrize(
    ("most", "least", "taken"), [(60, 0, [30, 20, 10]), (30, 0, [15, 10, 5]), (30, 8, [15, 10, 8])]
)
def test_a_sample_has_the_same_part_of_each_intent_and_all_of_a_small_one(most, least, taken):
    sample = dealing.sample(TRUTH, most, least)
    assert list(sample) == sorted(set(sample))
    assert list(np.bincount(TRUTH[sample], minlength=3)) == taken
