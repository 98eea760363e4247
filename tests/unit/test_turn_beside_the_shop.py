"""While the shop is asked for some, others hear their answers; who breaks off waits for that."""

import time
from collections.abc import Sequence

import pytest

from bot import turn


def test_who_breaks_off_waits_for_what_is_being_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def breaks(*_: object) -> None:
        raise LookupError

    def says(*_: object) -> Sequence[int]:
        time.sleep(0.1)
        said.append("an answer")
        return []

    monkeypatch.setattr(turn.ordering, "look_up", breaks)
    monkeypatch.setattr(turn, "_sent", says)
    with pytest.raises(LookupError):
        turn._with_the_shop(None, [], [])  # type: ignore[arg-type]
    assert said == ["an answer"]
