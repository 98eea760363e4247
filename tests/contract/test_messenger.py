"""Meta's part of the contract of `bot.ports.Channel`: what its errors mean, its window, and where its files may lie."""

import io
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bot.channels.messenger import MESSENGER, Messenger
from bot.clock import after
from bot.errors import FileGone, FileTooLarge, PermanentSendError, SendError, TemporarySendError, UnknownOutcome
from bot.messages import Media, Outbound, Speaker
from bot.ports import Parcel, Recipient, Spoken
from tests import meta
from tests.fakes_graph import FakeGraph, error

DAY = 86_400
WHO = Recipient(meta.PAGE, "user", "7001")


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    platform = meta.graph()
    yield platform
    platform.stop()


@pytest.fixture
def page(graph: FakeGraph) -> Messenger:
    return Messenger(MESSENGER, (meta.SECRET, "the one before"), meta.PAGE_TOKEN, graph.base, meta.APP)


def parcel(said: Outbound | str = "早安", speaker: Speaker = "bot", heard_at: datetime | None = None) -> Parcel:
    message = said if isinstance(said, Outbound) else Outbound(said)
    return Parcel(WHO, (Spoken(message, speaker, ""),), str(uuid.uuid4()), heard_at=heard_at or after(-60))


def test_only_the_escaped_form_is_what_was_signed() -> None:
    body = rb'{"object":"page","entry":[{"id":"1","messaging":[{"text":"\u00e4\/"}]}]}'
    own = Messenger(MESSENGER, ("an app's secret",), "", "")
    _, headers = meta.signed(body, "an app's secret")
    assert own.verify(body, {"x-hub-signature-256": headers["X-Hub-Signature-256"]})
    unescaped = '{"object":"page","entry":[{"id":"1","messaging":[{"text":"ä/"}]}]}'.encode()
    assert not own.verify(unescaped, {"x-hub-signature-256": headers["X-Hub-Signature-256"]})
    assert not own.verify(body, {"x-hub-signature": headers["X-Hub-Signature-256"]}), "the old header proves nothing"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(10, 2018278), PermanentSendError),
        (error(10, 2534022, 403), PermanentSendError),
        (error(10, 2018300), PermanentSendError),
        (error(10, 1893063), TemporarySendError),
        (error(10), TemporarySendError),
        (error(100, 2018001), PermanentSendError),
        (error(100), PermanentSendError),
        (error(190, status=401), TemporarySendError),
        (error(200), TemporarySendError),
        (error(200, 1545041), PermanentSendError),
        (error(551, 1545041), PermanentSendError),
        (error(613), TemporarySendError),
        (error(4), TemporarySendError),
        (error(80006), TemporarySendError),
        (error(2, status=500), TemporarySendError),
        (error(1200), TemporarySendError),
        (error(1, 1357046, 500), UnknownOutcome),
        (error(368), PermanentSendError),
        (error(99_999), PermanentSendError),
        (error(99_999, status=500), UnknownOutcome),
        ((400, b"<html>a proxy</html>"), UnknownOutcome),
    ],
)
def test_every_refusal_has_its_meaning(page: Messenger, graph: FakeGraph, answer: Any, kind: type[SendError]) -> None:
    graph.troubles.append(answer)
    with pytest.raises(SendError) as refused:
        page.send(parcel())
    assert type(refused.value) is kind


def test_a_limit_says_when_to_come_back(page: Messenger, graph: FakeGraph) -> None:
    graph.troubles.append(error(613))
    with pytest.raises(TemporarySendError) as limit:
        page.send(parcel())
    assert limit.value.retry_after == 60


@pytest.mark.parametrize(
    ("speaker", "silent", "tag"),
    [
        ("bot", DAY - 9, None),
        ("agent", DAY - 9, None),
        ("agent", DAY + 9, "HUMAN_AGENT"),
        ("agent", 7 * DAY - 9, "HUMAN_AGENT"),
    ],
)
def test_a_persons_words_are_marked_after_a_day(
    page: Messenger, graph: FakeGraph, speaker: Speaker, silent: float, tag: str | None
) -> None:
    page.send(parcel("您好", speaker, after(-silent)))
    body = graph.arrived[0]
    assert (body["messaging_type"], body.get("tag")) == ("MESSAGE_TAG" if tag else "RESPONSE", tag)


@pytest.mark.parametrize(("speaker", "silent"), [("bot", DAY + 9), ("system", DAY + 9), ("agent", 7 * DAY + 9)])
def test_what_comes_too_late_never_leaves(page: Messenger, graph: FakeGraph, speaker: Speaker, silent: float) -> None:
    with pytest.raises(PermanentSendError, match="silent for too long"):
        page.send(parcel("您好", speaker, after(-silent)))
    assert graph.calls == []


def test_a_message_carries_its_key_and_its_picture(page: Messenger, graph: FakeGraph) -> None:
    sent = parcel(Outbound("", media=Media("image", "https://shop.example/whole", "https://shop.example/small")))
    page.send(sent)
    message = graph.arrived[0]["message"]
    assert message["metadata"] == f"frontline:{sent.key}"
    assert message["attachment"] == {"type": "image", "payload": {"url": "https://shop.example/whole"}}


def fetched(page: Messenger, address: str, limit: int = 100) -> bytes:
    into = io.BytesIO()
    assert page.content(meta.PAGE, address, into, limit)
    return into.getvalue()


def test_a_file_is_fetched_from_meta_without_our_token(page: Messenger, graph: FakeGraph) -> None:
    graph.files["/cdn/1"] = b"a photo"
    assert fetched(page, f"{graph.url}/cdn/1") == b"a photo"
    assert graph.calls[0].bearer == ""
    with pytest.raises(FileTooLarge):
        fetched(page, f"{graph.url}/cdn/1", limit=3)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/1.jpg",
        "https://fbcdn.net.evil.example/1.jpg",
        "https://notfbcdn.net/1.jpg",
        "http://scontent.fbcdn.net/1.jpg",
        "https://user@scontent.fbcdn.net/1.jpg",
        "https://scontent.fbcdn.net:8443/1.jpg",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "m_1",
        "https://[",
        "",
    ],
)
def test_no_other_address_is_called(page: Messenger, address: str) -> None:
    with pytest.raises(FileGone):
        fetched(page, address)
